import { useRef, useState } from "react";
import { Icon } from "../components/Icon.tsx";
import { describeProblem } from "../state/problems.ts";
import type { History } from "./history.ts";
import { plural } from "./plot.ts";

interface HistoryListProps {
  history: History;
  kept: boolean;
  shown?: string;
  onShow: (id: string) => void;
  onCompare: (first: string, second: string) => void;
  onImport: (file: File) => Promise<unknown>;
}

/** Runs that were kept: one is shown, two are compared. */
export function HistoryList({ history, kept, shown, onShow, onCompare, onImport }: HistoryListProps) {
  const [marked, setMarked] = useState<readonly string[]>([]);
  const [failure, setFailure] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  // Two at most: a third takes the place of the older mark.
  const mark = (id: string) =>
    setMarked((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id].slice(-2)));
  // The older run is the first one.
  const pair = history.filter(({ id }) => marked.includes(id)).reverse();
  const load = async (file: File | undefined) => {
    if (!file) return;
    setFailure(undefined);
    try {
      await onImport(file);
    } catch (error) {
      setFailure(describeProblem(error).found);
    }
    if (input.current) input.current.value = "";
  };
  return (
    <section className="bench-card" aria-labelledby="bench-history-title">
      <h3 id="bench-history-title">History</h3>
      {history.length === 0 && <p className="muted">Runs are kept in this browser, and nowhere else.</p>}
      {!kept && <p className="bench-warning">This browser keeps nothing: export the runs that you want to keep.</p>}
      <ul className="bench-history">
        {history.map(({ id, report }) => (
          <li key={id} aria-current={id === shown}>
            <input
              type="checkbox"
              checked={marked.includes(id)}
              onChange={() => mark(id)}
              aria-label={`Compare ${report.name}`}
            />
            <button type="button" onClick={() => onShow(id)}>
              <span>{report.name}</span>
              <small>
                {new Date(report.date).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })}
                {report.warnings.length > 0 && `, ${plural(report.warnings.length, "warning")}`}
              </small>
            </button>
          </li>
        ))}
      </ul>
      <div className="button-row">
        <button
          type="button"
          className="button"
          disabled={pair.length < 2}
          onClick={() => onCompare(pair[0].id, pair[1].id)}
          title={pair.length < 2 ? "Tick two runs" : undefined}
        >
          Compare
        </button>
        <button type="button" className="button" onClick={() => input.current?.click()}>
          Import
        </button>
        <input
          ref={input}
          type="file"
          accept=".json,application/json"
          hidden
          onChange={(event) => load(event.target.files?.[0])}
        />
      </div>
      {failure && (
        <p className="bench-warning bench-failure" role="alert">
          <Icon name="alert" size={16} />
          {failure}
        </p>
      )}
    </section>
  );
}
