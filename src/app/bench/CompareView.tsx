import { useMemo } from "react";
import { compareReports } from "../../bench/compare.ts";
import { comparisonMarkdown } from "../../bench/markdown.ts";
import { SelectField } from "../components/fields.tsx";
import { Icon } from "../components/Icon.tsx";
import { CopyMarkdown } from "./CopyMarkdown.tsx";
import { type ComparedRow, type ComparedRun, comparisonSummary, comparisonView } from "./comparison.ts";
import type { History, HistoryEntry } from "./history.ts";
import { StripPlot } from "./StripPlot.tsx";

interface CompareViewProps {
  history: History;
  first: HistoryEntry;
  second: HistoryEntry;
  onChoose: (first: string, second: string) => void;
  onClose: () => void;
}

/** Two runs beside each other, with a verdict only where it is significant. */
export function CompareView({ history, first, second, onChoose, onClose }: CompareViewProps) {
  const comparison = useMemo(() => compareReports(first.report, second.report), [first, second]);
  const view = useMemo(() => comparisonView(comparison), [comparison]);
  const options = history.map(({ id, report }) => [id, `${report.name} (${when(report.date)})`] as const);
  return (
    <section className="bench-report" aria-label="Comparison">
      <div className="bench-report-head">
        <h3>Comparison</h3>
        <div className="button-row">
          <CopyMarkdown text={() => comparisonMarkdown(comparison)} />
          <button type="button" className="icon-button" onClick={onClose} aria-label="Close the comparison">
            <Icon name="close" />
          </button>
        </div>
      </div>
      <div className="bench-fields">
        <SelectField label="First" value={first.id} options={options} onChange={(id) => onChoose(id, second.id)} />
        <SelectField label="Second" value={second.id} options={options} onChange={(id) => onChoose(first.id, id)} />
      </div>
      <Caveat
        text="The machines differ, so differences say nothing about the program:"
        lines={comparison.differences}
      />
      <Caveat text="The machine's own speed changed, and by as much may every test have:" lines={comparison.drift} />
      <p>{comparisonSummary(view)}</p>
      {view.runs.map((run) => (
        <ComparedTable key={run.run} {...run} />
      ))}
    </section>
  );
}

function Caveat({ text, lines }: { text: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <div className="bench-warning">
      <Icon name="alert" size={16} />
      <div>
        {text}
        <ul>
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}

const when = (date: string) => new Date(date).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" });

function ComparedTable({ run, rows }: ComparedRun) {
  return (
    <section className="bench-run" aria-label={run}>
      <h4>{run}</h4>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on narrow screens the table scrolls, and the keyboard must reach it. */}
      <section className="bench-scroll" aria-label={`Comparison of ${run}`} tabIndex={0}>
        <table className="bench-table">
          <caption className="visually-hidden">{run}</caption>
          <thead>
            <tr>
              <th scope="col">Test</th>
              <th scope="col">Verdict</th>
              <th scope="col">Speed</th>
              <th scope="col">p</th>
              <th scope="col">First</th>
              <th scope="col">Second</th>
              <th scope="col" className="bench-unit">
                Unit
              </th>
              <th scope="col" className="bench-plot-column">
                First over second
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.test} row={row} />
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function Row({ row }: { row: ComparedRow }) {
  return (
    <tr>
      <th scope="row">{row.test}</th>
      <td>
        <span className={`verdict verdict-${row.tone}`}>{row.verdict}</span>
      </td>
      <td className="bench-median">{row.ratio}</td>
      <td>{row.p}</td>
      <td>{row.medianA}</td>
      <td>{row.medianB}</td>
      <td className="bench-unit">{row.unit}</td>
      <td className="bench-plot-column strip-pair">
        <StripPlot samples={row.a} range={row.range} />
        <StripPlot samples={row.b} range={row.range} />
      </td>
    </tr>
  );
}
