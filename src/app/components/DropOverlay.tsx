import { Icon } from "./Icon.tsx";

/** Covers the page while a file is held over it. */
export function DropOverlay({ replaces }: { replaces?: string }) {
  return (
    <div className="drop-overlay" aria-hidden="true">
      <div className="drop-overlay-card">
        <Icon name="drop" size={44} />
        <p>Let go to open the model</p>
        {replaces && <p className="muted">It takes the place of {replaces}; the conversation stays.</p>}
      </div>
    </div>
  );
}
