import { useEffect, useRef } from "react";

/** What a key combination does. Names: "Escape", "mod+o", "mod+shift+o" (mod is Ctrl, or ⌘ on a Mac). */
export type Shortcuts = Readonly<Record<string, (() => void) | undefined>>;

/** Shortcuts of the whole page. An open dialog keeps Escape for itself. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.altKey) return;
      const modified = event.ctrlKey || event.metaKey;
      if (!modified && event.key !== "Escape") return;
      if (document.querySelector("dialog[open]")) return;
      const name = `${modified ? "mod+" : ""}${event.shiftKey ? "shift+" : ""}${modified ? event.key.toLowerCase() : event.key}`;
      const act = latest.current[name];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
