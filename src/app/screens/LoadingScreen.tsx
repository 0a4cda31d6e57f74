import { Icon } from "../components/Icon.tsx";
import { formatBytes, formatRoughly } from "../state/format.ts";
import { LOAD_STAGES, type LoadProgress } from "../state/progress.ts";

interface LoadingScreenProps {
  label: string;
  progress: LoadProgress;
  onCancel: () => void;
}

/** What is happening, how far it is, how fast it goes. */
export function LoadingScreen({ label, progress, onCancel }: LoadingScreenProps) {
  const { stage, loadedBytes, totalBytes, bytesPerSecond, millisecondsLeft } = progress;
  const at = LOAD_STAGES.findIndex((entry) => entry.stage === stage);
  const share = stage === "weights" && totalBytes > 0 ? Math.min(1, loadedBytes / totalBytes) : undefined;
  const numbers = [
    totalBytes > 0 && stage === "weights" && `${formatBytes(loadedBytes)} of ${formatBytes(totalBytes)}`,
    bytesPerSecond !== undefined && `${formatBytes(bytesPerSecond)}/s`,
    millisecondsLeft !== undefined && `${formatRoughly(millisecondsLeft)} left`,
  ].filter(Boolean);
  return (
    <section className="loading" aria-label={`Opening ${label}`}>
      <h2>{label}</h2>
      <ol className="stages">
        {LOAD_STAGES.slice(0, -1).map((entry, i) => (
          <li key={entry.stage} data-state={i < at ? "done" : i === at ? "now" : "next"}>
            <span className="stage-mark">{i < at && <Icon name="check" size={14} />}</span>
            {entry.label}
          </li>
        ))}
      </ol>
      <progress
        className="progress"
        max={1}
        {...(share !== undefined && { value: share })}
        aria-label={LOAD_STAGES[Math.max(0, at)].label}
      />
      <p className="loading-numbers">{numbers.length > 0 ? numbers.join(" · ") : "A moment …"}</p>
      <button type="button" className="button" onClick={onCancel}>
        Cancel
      </button>
    </section>
  );
}
