import { type KeyboardEvent, type RefObject, useEffect, useRef, useSyncExternalStore } from "react";
import { CopyButton } from "../components/CopyButton.tsx";
import { Icon } from "../components/Icon.tsx";
import { ProblemCard } from "../components/ProblemCard.tsx";
import { MODIFIER } from "../components/ShortcutsDialog.tsx";
import type { Ending } from "../state/conversation.ts";
import type { WayOn } from "../state/problems.ts";
import type { RunStore } from "../state/run.ts";
import type { useCompletion } from "../state/useCompletion.ts";

interface CompletionScreenProps {
  completion: ReturnType<typeof useCompletion>;
  store: RunStore;
  inputRef: RefObject<HTMLTextAreaElement | null>;
  onWay: (way: WayOn) => void;
}

/** One text, written on by the model where the person's ends. */
export function CompletionScreen({ completion, store, inputRef, onWay }: CompletionScreenProps) {
  const { text, writtenFrom, outcome, busy, write, stop, edit } = completion;
  const prompt = writtenFrom === undefined ? text : text.slice(0, writtenFrom);
  const again = () => write(prompt);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!busy) write(text);
    }
  };
  return (
    <div className="completion">
      <div className="column grow">
        <Page {...{ text, writtenFrom, busy, store, inputRef, onKeyDown }} onChange={edit} />
        {outcome?.problem && (
          <ProblemCard
            problem={outcome.problem}
            ways={outcome.problem.ways.filter((way) => way !== "completion")}
            onWay={(way) => (way === "retry" ? again() : onWay(way))}
          />
        )}
        <div className="completion-bar">
          {busy ? (
            <button type="button" className="button primary" onClick={stop} title="Stop (Esc)">
              <Icon name="stop" />
              Stop
            </button>
          ) : (
            <button
              type="button"
              className="button primary"
              onClick={() => write(text)}
              title={`Continue (${MODIFIER}+Enter)`}
            >
              <Icon name="send" />
              Continue
            </button>
          )}
          <button type="button" className="button" onClick={again} disabled={busy || writtenFrom === undefined}>
            <Icon name="retry" size={16} />
            Try again
          </button>
          <button
            type="button"
            className="button"
            onClick={() => edit(prompt)}
            disabled={busy || writtenFrom === undefined}
          >
            <Icon name="undo" size={16} />
            Undo
          </button>
          <span className="message-note">{outcome ? ENDINGS[outcome.ending] : ""}</span>
          <CopyButton text={text} label="Copy text" />
        </div>
      </div>
    </div>
  );
}

const ENDINGS: Record<Ending, string> = {
  stop: "The model ended the text",
  length: "Ended at max tokens",
  "context-full": "Ended: context full",
  stopped: "Stopped",
  failed: "",
};

interface PageProps {
  text: string;
  writtenFrom?: number;
  busy: boolean;
  store: RunStore;
  inputRef: RefObject<HTMLTextAreaElement | null>;
  onKeyDown: (event: KeyboardEvent) => void;
  onChange: (text: string) => void;
}

/** The text area, over a copy of its text in which the model's part is marked. */
function Page({ text, writtenFrom, busy, store, inputRef, onKeyDown, onChange }: PageProps) {
  const run = useSyncExternalStore(store.text.subscribe, store.text.snapshot);
  const mirror = useRef<HTMLDivElement>(null);
  const shown = busy && run.answerId === undefined ? text + run.text : text;
  const from = writtenFrom ?? shown.length;
  const follow = (area: HTMLTextAreaElement) => {
    if (mirror.current) mirror.current.scrollTop = area.scrollTop;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the end of the text comes into view as it grows.
  useEffect(() => {
    const area = inputRef.current;
    if (!area) return;
    if (busy) area.scrollTop = area.scrollHeight;
    follow(area);
  }, [shown, busy]);
  return (
    <div className="page">
      <div className="page-mirror" ref={mirror} aria-hidden="true">
        {shown.slice(0, from)}
        <mark>{shown.slice(from)}</mark>
        {"\n"}
      </div>
      <textarea
        ref={inputRef}
        value={shown}
        readOnly={busy}
        aria-label="Text to continue"
        placeholder="Once upon a time"
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        onScroll={(event) => follow(event.currentTarget)}
      />
    </div>
  );
}
