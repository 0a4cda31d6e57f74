import { useEffect, useRef, useState } from "react";
import { choiceOfDrop, type ModelChoice } from "./fileAccess.ts";

/** Makes the whole window a drop target. Returns whether files are held over it. */
export function useFileDrop(onDrop: (choice: ModelChoice) => void, onError: (error: unknown) => void): boolean {
  const [over, setOver] = useState(false);
  const handlers = useRef({ onDrop, onError });
  handlers.current = { onDrop, onError };

  useEffect(() => {
    // Entering a child leaves its parent: the difference says whether the pointer is still in the window.
    let depth = 0;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const set = (next: number) => {
      depth = Math.max(0, next);
      setOver(depth > 0);
    };
    const listeners = {
      dragenter: (event: DragEvent) => hasFiles(event) && set(depth + 1),
      dragleave: (event: DragEvent) => hasFiles(event) && set(depth - 1),
      dragover: (event: DragEvent) => {
        if (!hasFiles(event) || !event.dataTransfer) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
      },
      drop: (event: DragEvent) => {
        set(0);
        if (!hasFiles(event) || !event.dataTransfer) return;
        event.preventDefault();
        choiceOfDrop(event.dataTransfer)
          .then((choice) => choice && handlers.current.onDrop(choice))
          .catch((error) => handlers.current.onError(error));
      },
    };
    const names = Object.keys(listeners) as (keyof typeof listeners)[];
    for (const name of names) window.addEventListener(name, listeners[name]);
    return () => {
      for (const name of names) window.removeEventListener(name, listeners[name]);
    };
  }, []);
  return over;
}
