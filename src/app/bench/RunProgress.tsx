import { Icon } from "../components/Icon.tsx";
import { formatBytes, formatRoughly } from "../state/format.ts";
import { RunSection } from "./RunSection.tsx";
import type { BenchPhase } from "./useBench.ts";

/** What is being done, how far it is, and what is through already. */
export function RunProgress({
  state,
  onCancel,
}: {
  state: Exclude<BenchPhase, { phase: "idle" }>;
  onCancel: () => void;
}) {
  return (
    <section className="bench-report" aria-label="Benchmark under way">
      <div className="bench-progress">
        <div className="bench-report-head">
          <h3>{state.phase === "making" ? `Making ${state.file}` : "Measuring"}</h3>
          <button type="button" className="button" onClick={onCancel}>
            <Icon name="stop" size={16} />
            Cancel
          </button>
        </div>
        {state.phase === "making" ? <Making {...state.progress} /> : <Measuring {...state} />}
        <p className="hint">
          <Icon name="info" size={15} />
          Leave this tab in front and the machine alone: everything else that runs is measured too.
        </p>
      </div>
      {state.phase === "measuring" &&
        state.runs.map((run, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: runs have no other name, and do not move.
          <RunSection key={i} run={run} />
        ))}
    </section>
  );
}

function Making({ writtenBytes, totalBytes }: { writtenBytes: number; totalBytes: number }) {
  return (
    <>
      <progress
        className="progress"
        max={1}
        value={totalBytes > 0 ? writtenBytes / totalBytes : 0}
        aria-label="Written"
      />
      <p className="loading-numbers">
        {totalBytes > 0 ? `${formatBytes(writtenBytes)} of ${formatBytes(totalBytes)}` : "Building the vocabulary …"}
      </p>
    </>
  );
}

function Measuring({ label, warmup, done, total, remainingMilliseconds }: Extract<BenchPhase, { phase: "measuring" }>) {
  const numbers = [
    `${done} of ${total}`,
    remainingMilliseconds !== undefined && `about ${formatRoughly(remainingMilliseconds)} left`,
  ].filter(Boolean);
  return (
    <>
      <progress className="progress" max={Math.max(1, total)} value={done} aria-label="Measured" />
      <p className="loading-numbers">{numbers.join(" · ")}</p>
      <p className="bench-label">
        {label}
        {warmup && <span className="phase">warm-up</span>}
      </p>
    </>
  );
}
