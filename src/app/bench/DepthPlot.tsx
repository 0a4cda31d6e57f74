import { figure } from "../../bench/markdown.ts";
import { useWidth } from "../state/useWidth.ts";
import { seriesClass, shortNumber } from "./plot.ts";
import { linearScale, logRange, logScale, spreadApart } from "./scales.ts";
import type { DepthSeries } from "./series.ts";

const HEIGHT = 240;
const LEFT = 46;
const RIGHT = 60;
const BOTTOM = 40;
const TOP = 12;
/** Height of a line of text. */
const LINE = 13;

/** Tokens per second against the depth of the context: every sample, and lines through the medians. */
export function DepthPlot({ series }: { series: readonly DepthSeries[] }) {
  const [box, width] = useWidth<HTMLElement>();
  const points = series.flatMap((one) => one.points);
  const x = linearScale([0, Math.max(...points.map(({ depth }) => depth))], [LEFT + 8, width - RIGHT]);
  const y = logScale(logRange(points.flatMap(({ samples }) => samples)), [HEIGHT - BOTTOM, TOP]);
  const depths = [...new Set(points.map(({ depth }) => depth))];
  const names = spreadApart(
    series.map(({ points: own }) => y.at(own[own.length - 1].median)),
    LINE,
  );
  const told = series.map(({ name, points: own }) => {
    const [first, last] = [own[0], own[own.length - 1]];
    return `${name} from ${figure(first.median)} at ${first.depth} to ${figure(last.median)} at ${last.depth}`;
  });
  return (
    <figure className="plot" ref={box}>
      <figcaption>Tokens per second by tokens in the context before</figcaption>
      <svg width={width} height={HEIGHT} role="img" aria-label={`Tokens per second by depth: ${told.join("; ")}`}>
        {y.ticks.map((tick) => (
          <g key={tick} className="plot-tick">
            <line x1={LEFT} x2={width - RIGHT + 8} y1={y.at(tick)} y2={y.at(tick)} />
            <text x={LEFT - 6} y={y.at(tick)} dy="0.32em" textAnchor="end">
              {shortNumber(tick)}
            </text>
          </g>
        ))}
        {depths.map((depth) => (
          <text key={depth} className="plot-label" x={x.at(depth)} y={HEIGHT - BOTTOM + 18} textAnchor="middle">
            {depth}
          </text>
        ))}
        {series.map(({ name, points: own }, index) => (
          <g key={name} className={seriesClass(index)}>
            <polyline className="plot-line" points={own.map((p) => `${x.at(p.depth)},${y.at(p.median)}`).join(" ")} />
            {own.flatMap(({ depth, samples }) =>
              samples.map((value, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: samples have no other name, and do not move.
                <circle key={`${depth} ${i}`} className="plot-dot" cx={x.at(depth)} cy={y.at(value)} r="2.5" />
              )),
            )}
            <text className="plot-name" x={width - RIGHT + 12} y={names[index]} dy="0.32em">
              {name}
            </text>
          </g>
        ))}
      </svg>
    </figure>
  );
}
