import { type KeyboardEvent, type RefObject, useLayoutEffect, useState } from "react";
import { Icon } from "./Icon.tsx";

interface ComposerProps {
  busy: boolean;
  onSend: (text: string) => void;
  onStop: () => void;
  /** ↑ in an empty message. */
  onEditLast: () => void;
  inputRef: RefObject<HTMLTextAreaElement | null>;
}

/** Where a message is written. Enter sends, Shift+Enter breaks the line; it can be written while an answer comes. */
export function Composer({ busy, onSend, onStop, onEditLast, inputRef }: ComposerProps) {
  const [text, setText] = useState("");
  const send = () => {
    if (busy || text.trim() === "") return;
    onSend(text.trim());
    setText("");
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && text === "" && !busy) {
      event.preventDefault();
      onEditLast();
    }
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <GrowingTextarea value={text} onChange={setText} onKeyDown={onKeyDown} label="Message" inputRef={inputRef} />
      {busy ? (
        <button type="button" className="send-button" onClick={onStop} aria-label="Stop" title="Stop (Esc)">
          <Icon name="stop" />
        </button>
      ) : (
        <button
          type="submit"
          className="send-button"
          disabled={text.trim() === ""}
          aria-label="Send"
          title="Send (Enter)"
        >
          <Icon name="send" />
        </button>
      )}
    </form>
  );
}

interface GrowingTextareaProps {
  value: string;
  onChange: (value: string) => void;
  onKeyDown: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
  label: string;
  inputRef: RefObject<HTMLTextAreaElement | null>;
}

/** A textarea as high as its text, up to the height that CSS allows. */
export function GrowingTextarea({ value, onChange, onKeyDown, label, inputRef }: GrowingTextareaProps) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text decides the height.
  useLayoutEffect(() => {
    const area = inputRef.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [value]);
  return (
    <textarea
      ref={inputRef}
      rows={1}
      value={value}
      placeholder={label}
      aria-label={label}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={onKeyDown}
    />
  );
}
