import { useEffect, useState } from "react";
import { machineLine } from "../../bench/machine.ts";
import { reportMarkdown } from "../../bench/markdown.ts";
import type { BenchReport, BenchWarning } from "../../bench/types.ts";
import { Icon } from "../components/Icon.tsx";
import { download } from "../state/download.ts";
import { CopyMarkdown } from "./CopyMarkdown.tsx";
import { exportName, type HistoryEntry } from "./history.ts";
import { RunSection } from "./RunSection.tsx";

interface ReportViewProps {
  entry: HistoryEntry;
  onRename: (id: string, name: string) => void;
  onDelete: (id: string) => void;
}

/** One run of the panel: what was measured, on what, with what reservations. */
export function ReportView({ entry, onRename, onDelete }: ReportViewProps) {
  const { id, report } = entry;
  const { date, build, machine, plan, runs, warnings } = report;
  const save = () => download(exportName(report.name), "application/json", JSON.stringify(report, null, 2));
  return (
    <section className="bench-report" aria-label={`Results of ${report.name}`}>
      <div className="bench-report-head">
        <NameField key={id} name={report.name} onRename={(name) => onRename(id, name)} />
        <div className="button-row">
          <CopyMarkdown text={() => reportMarkdown(report)} />
          <button type="button" className="button" onClick={save}>
            Export JSON
          </button>
          <button
            type="button"
            className="icon-button"
            onClick={() => onDelete(id)}
            aria-label="Delete this run"
            title="Delete"
          >
            <Icon name="trash" />
          </button>
        </div>
      </div>
      <p className="muted">
        {new Date(date).toLocaleString()} · {machineLine(machine)} · webgguf {build.version}
        {build.commit && ` (${build.commit})`} · {repetitions(plan)}
      </p>
      <Warnings warnings={warnings} />
      {runs.length === 0 && <p>Nothing was measured before the run was stopped.</p>}
      {runs.map((run, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the runs of a report have no other name, and do not move.
        <RunSection key={i} run={run} />
      ))}
    </section>
  );
}

function repetitions({ set, opens, rounds, warmups }: BenchReport["plan"]): string {
  return `${set} set, ${opens} × ${rounds} repetitions${warmups > 0 ? ` after ${warmups} to warm up` : ""}`;
}

/** Why the figures may be wrong. */
export function Warnings({ warnings }: { warnings: readonly BenchWarning[] }) {
  const [all, setAll] = useState(false);
  if (warnings.length === 0) return null;
  const shown = all ? warnings : warnings.slice(0, FEW);
  return (
    <ul className="bench-warnings" aria-label="Warnings">
      {shown.map(({ code, message }) => (
        <li key={`${code} ${message}`} className="bench-warning">
          <Icon name="alert" size={16} />
          {message}
        </li>
      ))}
      {shown.length < warnings.length && (
        <li>
          <button type="button" className="text-button" onClick={() => setAll(true)}>
            {warnings.length - shown.length} more
          </button>
        </li>
      )}
    </ul>
  );
}

const FEW = 4;

function NameField({ name, onRename }: { name: string; onRename: (name: string) => void }) {
  const [draft, setDraft] = useState(name);
  useEffect(() => setDraft(name), [name]);
  const settle = () => {
    const wanted = draft.trim();
    if (wanted && wanted !== name) onRename(wanted);
    else setDraft(name);
  };
  return (
    <input
      type="text"
      className="bench-name"
      aria-label="Name of this run"
      maxLength={80}
      value={draft}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={settle}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
    />
  );
}
