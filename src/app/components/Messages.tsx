import { type KeyboardEvent, memo, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { splitReasoning } from "../markdown/reasoning.ts";
import type { Ending, Message } from "../state/conversation.ts";
import { formatInteger, formatMilliseconds, formatRate } from "../state/format.ts";
import type { WayOn } from "../state/problems.ts";
import type { RunStore } from "../state/run.ts";
import { GrowingTextarea } from "./Composer.tsx";
import { CopyButton } from "./CopyButton.tsx";
import { Icon } from "./Icon.tsx";
import { Markdown } from "./Markdown.tsx";
import { ProblemCard } from "./ProblemCard.tsx";

interface QuestionProps {
  message: Message;
  editing: boolean;
  canEdit: boolean;
  onEdit: (id: number | null) => void;
  onSave: (id: number, content: string) => void;
}

export const Question = memo(function Question({ message, editing, canEdit, onEdit, onSave }: QuestionProps) {
  if (editing) return <QuestionEditor message={message} onEdit={onEdit} onSave={onSave} />;
  return (
    <article className="message question" aria-label="You">
      <p className="bubble">{message.content}</p>
      <div className="message-actions">
        <CopyButton text={message.content} label="Copy message" />
        <button
          type="button"
          className="icon-button small"
          onClick={() => onEdit(message.id)}
          disabled={!canEdit}
          aria-label="Edit message"
          title="Edit message"
        >
          <Icon name="edit" size={16} />
        </button>
      </div>
    </article>
  );
});

function QuestionEditor({ message, onEdit, onSave }: Pick<QuestionProps, "message" | "onEdit" | "onSave">) {
  const [text, setText] = useState(message.content);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    area.current?.focus();
    area.current?.setSelectionRange(area.current.value.length, area.current.value.length);
  }, []);
  const save = () => {
    if (text.trim() !== "") onSave(message.id, text.trim());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      onEdit(null);
    } else if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      save();
    }
  };
  return (
    <article className="message question editing" aria-label="You, editing">
      <GrowingTextarea value={text} onChange={setText} onKeyDown={onKeyDown} label="Edit message" inputRef={area} />
      <p className="field-help">The answers that follow are replaced.</p>
      <div className="button-row">
        <button type="button" className="button primary" onClick={save} disabled={text.trim() === ""}>
          Send again
        </button>
        <button type="button" className="button" onClick={() => onEdit(null)}>
          Cancel
        </button>
      </div>
    </article>
  );
}

interface AnswerProps {
  message: Message;
  store: RunStore;
  canRegenerate: boolean;
  onRegenerate: (id: number) => void;
  onWay: (way: WayOn) => void;
}

export const Answer = memo(function Answer({ message, store, canRegenerate, onRegenerate, onWay }: AnswerProps) {
  const { problem, ending, summary } = message;
  return (
    <article className="message answer" aria-label="Model" aria-busy={ending === undefined}>
      {ending === undefined ? (
        <RunningText store={store} id={message.id} />
      ) : (
        <AnswerText text={message.content} running={false} />
      )}
      {problem && (
        <ProblemCard
          problem={problem}
          ways={problem.ways}
          onWay={(way) => (way === "retry" ? onRegenerate(message.id) : onWay(way))}
        />
      )}
      {ending !== undefined && (
        <div className="message-actions">
          <CopyButton text={splitReasoning(message.content).answer} label="Copy answer" />
          <button
            type="button"
            className="icon-button small"
            onClick={() => onRegenerate(message.id)}
            disabled={!canRegenerate}
            aria-label="Write this answer again"
            title="Write this answer again"
          >
            <Icon name="retry" size={16} />
          </button>
          <span className="message-note">
            {[ENDINGS[ending], summary && summaryText(summary)].filter(Boolean).join(" · ")}
          </span>
        </div>
      )}
    </article>
  );
});

const ENDINGS: Record<Ending, string> = {
  stop: "",
  length: "Ended at max tokens",
  "context-full": "Ended: context full",
  stopped: "Stopped",
  failed: "Failed",
};

const summaryText = ({ tokens, rate, timeToFirstTokenMilliseconds }: NonNullable<Message["summary"]>) =>
  `${formatInteger(tokens)} tokens · ${formatRate(rate)} tok/s · first after ${formatMilliseconds(timeToFirstTokenMilliseconds)}`;

function RunningText({ store, id }: { store: RunStore; id: number }) {
  const run = useSyncExternalStore(store.text.subscribe, store.text.snapshot);
  return <AnswerText text={run.answerId === id ? run.text : ""} running />;
}

function AnswerText({ text, running }: { text: string; running: boolean }) {
  const { reasoning, thinking, answer } = splitReasoning(text);
  const waiting = running && !answer;
  return (
    <>
      {reasoning !== undefined && (
        <details className="reasoning" open={thinking && running}>
          <summary>{thinking && running ? "Thinking …" : "Thoughts"}</summary>
          <Markdown source={reasoning} />
        </details>
      )}
      {answer && <Markdown source={answer} />}
      {waiting && !thinking && (
        <p className="waiting">
          <i aria-hidden="true" />
          Reading the prompt …
        </p>
      )}
      {!running && !answer && reasoning === undefined && <p className="muted">(no text)</p>}
    </>
  );
}
