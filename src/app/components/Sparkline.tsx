interface SparklineProps {
  /** Oldest first. */
  values: readonly number[];
  label: string;
}

const WIDTH = 240;
const HEIGHT = 44;
const SHOWN = 120;

/** A small area plot of the last values, from zero up to their 98th percentile (single spikes are cut off). */
export function Sparkline({ values, label }: SparklineProps) {
  const shown = values.slice(-SHOWN);
  const sorted = shown.toSorted((a, b) => a - b);
  const top = (sorted[Math.floor(sorted.length * 0.98)] ?? 0) * 1.15 || 1;
  const step = WIDTH / Math.max(1, Math.min(SHOWN, Math.max(shown.length, 24)) - 1);
  const points = shown.map((value, i) => {
    const x = WIDTH - (shown.length - 1 - i) * step;
    return `${x.toFixed(1)},${(HEIGHT - Math.min(1, value / top) * (HEIGHT - 3)).toFixed(1)}`;
  });
  const first = (WIDTH - (shown.length - 1) * step).toFixed(1);
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className="sparkline-base" />
      {points.length > 1 && (
        <>
          <polygon className="sparkline-area" points={`${first},${HEIGHT} ${points.join(" ")} ${WIDTH},${HEIGHT}`} />
          <polyline className="sparkline-line" points={points.join(" ")} />
        </>
      )}
    </svg>
  );
}
