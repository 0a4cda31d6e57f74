import { useMemo, useState } from "react";
import type { Profile } from "../../core/api.ts";
import { type Flame, flameOf, type Span } from "../../core/flame.ts";
import { formatMicroseconds } from "../state/format.ts";
import { useWidth } from "../state/useWidth.ts";
import { SelectField } from "./fields.tsx";

const ROW = 26;
const GAP = 2;
/** Narrower bars are not drawn: the row's ground stands for them. */
const LEAST_WIDTH = 0.5;
const LETTER_WIDTH = 6.6;

/** Where the time goes, from left to right: parts of the model, their steps, and the work of each thread in them. */
export function ProfileFlame({ profile }: { profile: Profile }) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [part, setPart] = useState("");
  const flame = useMemo(() => flameOf(profile), [profile]);
  const shown = flame.parts[Number(part)];
  const [from, length] = part === "" ? [0, profile.wallMicroseconds] : [shown.startMicroseconds, shown.microseconds];
  const rows = rowsOf(flame);
  const scale = width / length;
  return (
    <div className="flame">
      <SelectField
        label="Show"
        value={part}
        options={[
          ["", `All: ${formatMicroseconds(profile.wallMicroseconds)}`],
          ...flame.parts.map((one, i) => [String(i), `${one.name}: ${formatMicroseconds(one.microseconds)}`] as const),
        ]}
        onChange={setPart}
      />
      <div className="flame-rows" ref={box}>
        {rows.map(({ title, spans }) => (
          <figure key={title} className="flame-row">
            <figcaption>
              {title}
              {title.startsWith("Thread") && ` · works ${workShare(spans, from, length)} % of this time`}
            </figcaption>
            <svg width={width} height={ROW} role="img" aria-label={`${title}: ${longest(spans, from, length)}`}>
              {spans.map((span) => (
                <Bar
                  key={span.startMicroseconds}
                  span={span}
                  x={(span.startMicroseconds - from) * scale}
                  scale={scale}
                  width={width}
                />
              ))}
            </svg>
          </figure>
        ))}
      </div>
      <ul className="flame-legend" aria-label="Colours">
        {KINDS.map(([kind, name]) => (
          <li key={kind}>
            <i className={`flame-${kind}`} aria-hidden="true" />
            {name}
          </li>
        ))}
      </ul>
    </div>
  );
}

const KINDS = [
  ["product", "Matrix products"],
  ["attention", "Attention"],
  ["other", "Other"],
] as const;

const kindOf = ({ op = "" }: Span) =>
  /^(expert_)?mat/.test(op) ? "product" : op.startsWith("attention") ? "attention" : "other";

const rowsOf = ({ parts, steps, threads }: Flame): { title: string; spans: readonly Span[] }[] => [
  { title: "Parts of the model", spans: parts },
  { title: "Steps", spans: steps },
  ...threads.map((spans, i) => ({ title: `Thread ${i}`, spans })),
];

interface BarProps {
  span: Span;
  x: number;
  scale: number;
  width: number;
}

function Bar({ span, x, scale, width }: BarProps) {
  const wide = span.microseconds * scale;
  if (wide < LEAST_WIDTH || x + wide < 0 || x > width) return null;
  const letters = Math.floor((Math.min(wide, width) - 8) / LETTER_WIDTH);
  const name = span.name.replace(/^blk\.\d+\./, "");
  return (
    <g className={span.op ? `flame-${kindOf(span)}` : "flame-part"}>
      <title>{[span.name, span.op, formatMicroseconds(span.microseconds)].filter(Boolean).join(" · ")}</title>
      <rect
        x={x}
        width={Math.max(LEAST_WIDTH, wide - (wide > 3 * GAP ? GAP / 2 : 0))}
        height={ROW}
        rx={wide > 8 ? 3 : 0}
      />
      {letters >= Math.min(4, name.length) && (
        <text x={x + 4} y={ROW / 2} dy="0.35em">
          {name.length > letters ? `${name.slice(0, letters - 1)}…` : name}
        </text>
      )}
    </g>
  );
}

const within = (spans: readonly Span[], from: number, length: number) =>
  spans.filter(({ startMicroseconds: start }) => start >= from - 1e-6 && start < from + length);

function workShare(spans: readonly Span[], from: number, length: number): string {
  const work = within(spans, from, length).reduce((sum, { microseconds }) => sum + microseconds, 0);
  return ((100 * work) / length).toFixed(0);
}

/** In words, what takes most of the time. */
function longest(spans: readonly Span[], from: number, length: number): string {
  const shown = within(spans, from, length).toSorted((a, b) => b.microseconds - a.microseconds);
  return shown
    .slice(0, 3)
    .map(({ name, microseconds }) => `${name} ${formatMicroseconds(microseconds)}`)
    .join(", ");
}
