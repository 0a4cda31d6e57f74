import { Dialog } from "./Dialog.tsx";

export const MODIFIER = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";

const SHORTCUTS: readonly [keys: readonly string[], what: string][] = [
  [["Enter"], "Send the message"],
  [["Shift", "Enter"], "Line break in a message"],
  [[MODIFIER, "Enter"], "Continue the text (completion)"],
  [["Esc"], "Stop the answer, or close a dialog"],
  [["↑"], "Edit your last message (in an empty message)"],
  [[MODIFIER, "O"], "Open a model"],
  [[MODIFIER, "Shift", "O"], "New chat"],
  [[MODIFIER, ","], "Settings"],
  [[MODIFIER, "I"], "Model: tensors and metadata"],
  [[MODIFIER, "B"], "Benchmark, and back"],
  [[MODIFIER, "/"], "This list"],
];

export function ShortcutsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog title="Keyboard" open={open} onClose={onClose}>
      <dl className="shortcuts">
        {SHORTCUTS.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
