import { useEffect, useRef, useState } from "react";
import { choiceOfDrop, type ModelChoice } from "./fileAccess.ts";

/** Makes the whole window a drop target. Returns whether files are held over it. */
export function useFileDrop(onDrop: (choice: ModelChoice) => void, onError: (error: unknown) => void): boolean {
  const [over, setOver] = useState(false);
  const handlers = useRef({ onDrop, onError });
  handlers.current = { onDrop, onError };

  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const listeners = {
      dragenter: (event: DragEvent) => hasFiles(event) && setOver(true),
      // Leaving one element for another names the other; leaving the window names none.
      dragleave: (event: DragEvent) => event.relatedTarget === null && setOver(false),
      dragover: (event: DragEvent) => {
        if (!hasFiles(event) || !event.dataTransfer) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
        setOver(true);
      },
      drop: (event: DragEvent) => {
        setOver(false);
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
