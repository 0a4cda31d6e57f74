import { useEffect, useRef } from "react";
import { Icon } from "./Icon.tsx";

/** Covers the page, open dialogs too, while a file is held over it. */
export function DropOverlay({ replaces }: { replaces?: string }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => element.current?.showPopover(), []);
  return (
    <div ref={element} popover="manual" className="drop-overlay" aria-hidden="true">
      <div className="drop-overlay-card">
        <Icon name="drop" size={44} />
        <p>Let go to open the model</p>
        {replaces && <p className="muted">It takes the place of {replaces}; the conversation stays.</p>}
      </div>
    </div>
  );
}
