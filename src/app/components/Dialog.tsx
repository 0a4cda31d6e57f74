import { type ReactNode, useEffect, useId, useRef } from "react";
import { Icon } from "./Icon.tsx";

interface DialogProps {
  title: string;
  open: boolean;
  onClose: () => void;
  /** "side" slides in from the right, "wide" takes most of the window. */
  shape?: "center" | "side" | "wide";
  children: ReactNode;
}

/** A modal on the platform's own dialog element: it keeps the focus inside, closes on Escape and gives focus back. */
export function Dialog({ title, open, onClose, shape = "center", children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    const dialog = element.current;
    if (open && !dialog?.open) dialog?.showModal();
    if (!open && dialog?.open) dialog.close();
  }, [open]);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the click is on the backdrop; the keyboard has Escape.
    <dialog
      ref={element}
      className={`dialog dialog-${shape}`}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      {open && (
        <div className="dialog-body">
          <header className="dialog-head">
            <h2 id={titleId}>{title}</h2>
            <button type="button" className="icon-button" onClick={onClose} aria-label="Close">
              <Icon name="close" />
            </button>
          </header>
          <div className="dialog-content">{children}</div>
        </div>
      )}
    </dialog>
  );
}
