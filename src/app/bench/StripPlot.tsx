import { quartiles } from "../../bench/statistics.ts";
import { linearScale, sampleRange } from "./scales.ts";

interface StripPlotProps {
  samples: readonly number[];
  /** Shared by plots that are to be compared. */
  range?: readonly [number, number];
}

const WIDTH = 168;
const HEIGHT = 22;

/** Every sample as a dot, the median as a line, the quartiles as a box. The figures stand in the table beside it. */
export function StripPlot({ samples, range = sampleRange(samples) }: StripPlotProps) {
  if (samples.length === 0) return null;
  const { at } = linearScale(range, [4, WIDTH - 4]);
  const { lower, median, upper } = quartiles(samples);
  const middle = HEIGHT / 2;
  return (
    <svg className="strip" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <line className="strip-axis" x1="0" x2={WIDTH} y1={middle} y2={middle} />
      <rect
        className="strip-box"
        x={at(lower)}
        width={Math.max(1, at(upper) - at(lower))}
        y="4"
        height={HEIGHT - 8}
        rx="2"
      />
      {samples.map((value, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: samples have no other name, and do not move.
        <circle key={i} className="strip-dot" cx={at(value)} cy={middle + ((i % 3) - 1) * 3.5} r="2" />
      ))}
      <line className="strip-median" x1={at(median)} x2={at(median)} y1="1" y2={HEIGHT - 1} />
    </svg>
  );
}
