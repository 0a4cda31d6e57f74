import { figure } from "../../bench/markdown.ts";
import { type RoofPoint, roofOf, roofPoint } from "../../bench/roofline.ts";
import type { BenchRun } from "../../bench/types.ts";
import { useWidth } from "../state/useWidth.ts";
import { seriesClass, shortNumber } from "./plot.ts";
import { logRange, logScale } from "./scales.ts";

const HEIGHT = 300;
const LEFT = 50;
const RIGHT = 16;
const BOTTOM = 44;
const TOP = 14;

/** The kind of kernel: the first word of its name. */
const kindOf = ({ id }: RoofPoint) => id.split(" ")[0].replace(",", "");

/** Kernels under what the machine does at most (Williams, Waterman and Patterson 2009); both axes are logarithmic. */
export function RooflinePlot({ run }: { run: BenchRun }) {
  const [box, width] = useWidth<HTMLElement>();
  const roof = roofOf(run);
  const points = run.tests
    .map((test) => roofPoint(test, roof))
    .filter((point): point is RoofPoint => point !== undefined && point.intensity > 0);
  if (points.length === 0) return null;
  const flats = [
    { name: "float32", value: roof.float32 },
    { name: "8-bit", value: roof.int8 },
  ].filter((flat): flat is { name: string; value: number } => flat.value !== undefined);
  const x = logScale(
    logRange(
      points.map(({ intensity }) => intensity),
      2,
    ),
    [LEFT, width - RIGHT],
  );
  const y = logScale(logRange([...points.map(({ gigaflops }) => gigaflops), ...flats.map(({ value }) => value)], 1.6), [
    HEIGHT - BOTTOM,
    TOP,
  ]);
  const [least, most] = logRange(
    points.map(({ intensity }) => intensity),
    2,
  );
  const kinds = [...new Set(points.map(kindOf))];
  const top = Math.max(0, ...flats.map(({ value }) => value)) || Number.POSITIVE_INFINITY;
  const clipped = (intensity: number) => y.at(Math.min(intensity * (roof.bandwidth ?? 0), top));
  const knee = roof.bandwidth ? Math.min(most, Math.max(least, top / roof.bandwidth)) : least;
  const bottom = HEIGHT - BOTTOM;
  return (
    <figure className="plot" ref={box}>
      <figcaption>
        Roofline: 10⁹ operations per second by operations per byte, under the measured ceilings
        {roof.bandwidth && ` (memory ${figure(roof.bandwidth)} GB/s)`}
      </figcaption>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`Roofline of ${points.length} kernels; the table has their figures.`}
      >
        <clipPath id="roofline-area">
          <rect x={LEFT} y={TOP} width={width - LEFT - RIGHT} height={bottom - TOP} />
        </clipPath>
        {y.ticks.map((tick) => (
          <g key={tick} className="plot-tick">
            <line x1={LEFT} x2={width - RIGHT} y1={y.at(tick)} y2={y.at(tick)} />
            <text x={LEFT - 6} y={y.at(tick)} dy="0.32em" textAnchor="end">
              {shortNumber(tick)}
            </text>
          </g>
        ))}
        {x.ticks.map((tick) => (
          <text key={tick} className="plot-label" x={x.at(tick)} y={bottom + 18} textAnchor="middle">
            {shortNumber(tick)}
          </text>
        ))}
        <g clipPath="url(#roofline-area)">
          {roof.bandwidth && (
            <polyline
              className="plot-roof"
              points={`${x.at(least)},${clipped(least)} ${x.at(knee)},${clipped(knee)} ${x.at(most)},${clipped(most)}`}
            />
          )}
          {flats.map(({ name, value }) => (
            <line key={name} className="plot-ceiling" x1={LEFT} x2={width - RIGHT} y1={y.at(value)} y2={y.at(value)} />
          ))}
          {points.map((point) => (
            <circle
              key={point.id}
              className={`plot-dot ${seriesClass(kinds.indexOf(kindOf(point)))}`}
              cx={x.at(point.intensity)}
              cy={y.at(point.gigaflops)}
              r="4"
            >
              <title>{`${point.id}: ${figure(point.gigaflops)} GFLOP/s, ${figure(point.gigabytesPerSecond)} GB/s`}</title>
            </circle>
          ))}
        </g>
        {flats.map(({ name, value }) => (
          <text key={name} className="plot-name" x={LEFT + 6} y={y.at(value) - 5}>
            {`${name} ${figure(value)}`}
          </text>
        ))}
      </svg>
      <ul className="plot-legend">
        {kinds.map((kind, index) => (
          <li key={kind}>
            <i className={seriesClass(index)} />
            {kind}
          </li>
        ))}
      </ul>
    </figure>
  );
}
