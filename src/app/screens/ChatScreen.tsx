import { type ReactNode, type RefObject, useCallback, useState } from "react";
import { Composer } from "../components/Composer.tsx";
import { Icon } from "../components/Icon.tsx";
import { Answer, Question } from "../components/Messages.tsx";
import type { Conversation, ConversationAction } from "../state/conversation.ts";
import type { WayOn } from "../state/problems.ts";
import type { RunStore } from "../state/run.ts";
import { useStickToBottom } from "../state/useStickToBottom.ts";

interface ChatScreenProps {
  conversation: Conversation;
  dispatch: (action: ConversationAction) => void;
  busy: boolean;
  stop: () => void;
  store: RunStore;
  inputRef: RefObject<HTMLTextAreaElement | null>;
  onWay: (way: WayOn) => void;
  /** In place of the composer when there is no model to answer. */
  withoutModel?: ReactNode;
  hint?: string;
}

export function ChatScreen(props: ChatScreenProps) {
  const { conversation, dispatch, busy, stop, store, inputRef, onWay, withoutModel, hint } = props;
  const { box, content, atEnd, toEnd } = useStickToBottom();
  const [editing, setEditing] = useState<number | null>(null);
  const { messages } = conversation;
  const canWrite = !withoutModel && !busy;

  const save = useCallback(
    (id: number, text: string) => {
      setEditing(null);
      dispatch({ type: "edit", id, content: text });
    },
    [dispatch],
  );
  const regenerate = useCallback((id: number) => dispatch({ type: "regenerate", id }), [dispatch]);
  const send = (content: string) => {
    dispatch({ type: "ask", content });
    toEnd();
  };
  const editLast = () => setEditing(messages.findLast((message) => message.role === "user")?.id ?? null);

  return (
    <div className="chat">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the conversation scrolls, and the keyboard must reach it. */}
      <div className="scroller" ref={box} tabIndex={0} role="log" aria-live="off" aria-label="Conversation">
        <div className="column" ref={content}>
          {messages.length === 0 && (
            <div className="empty">
              <h2>Ask something</h2>
              {hint && <p className="muted">{hint}</p>}
            </div>
          )}
          {messages.map((message) =>
            message.role === "user" ? (
              <Question
                key={message.id}
                message={message}
                editing={editing === message.id}
                canEdit={canWrite}
                onEdit={setEditing}
                onSave={save}
              />
            ) : (
              <Answer
                key={message.id}
                message={message}
                store={store}
                canRegenerate={canWrite}
                onRegenerate={regenerate}
                onWay={onWay}
              />
            ),
          )}
        </div>
      </div>
      {!atEnd && (
        <button type="button" className="to-end" onClick={toEnd}>
          <Icon name="down" size={16} />
          To the end
        </button>
      )}
      <div className="column bottom">
        {withoutModel ?? <Composer busy={busy} onSend={send} onStop={stop} onEditLast={editLast} inputRef={inputRef} />}
      </div>
    </div>
  );
}
