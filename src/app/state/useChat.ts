import { useCallback, useEffect, useReducer, useRef } from "react";
import type { Model } from "../../core/api.ts";
import {
  type Conversation,
  conversationReducer,
  EMPTY_CONVERSATION,
  type Message,
  pendingAnswer,
  promptMessages,
} from "./conversation.ts";
import { runGeneration } from "./generation.ts";
import type { RunStore } from "./run.ts";
import { generateOptions, type Settings } from "./settings.ts";
import { readJson, writeJson } from "./storage.ts";

const KEY = "webgguf.conversation";

/** The conversation of this tab from before a reload; an answer that was being written then has stopped. */
export function readConversation(stored: unknown): Conversation {
  const { messages } = (stored ?? {}) as Partial<Conversation>;
  if (!Array.isArray(messages)) return EMPTY_CONVERSATION;
  const good = messages.filter(
    (message: Partial<Message> | null) =>
      (message?.role === "user" || message?.role === "assistant") && typeof message.content === "string",
  ) as Message[];
  const kept = good.map((message, i): Message => {
    const { role, content, ending = "stopped", summary } = message;
    return role === "user" ? { id: i + 1, role, content } : { id: i + 1, role, content, ending, summary };
  });
  return { messages: kept, nextId: kept.length + 1 };
}

/**
 * The conversation. Whenever it ends in an answer that is still to be written and there is a model, the model writes it;
 * dropping that answer (by an edit, a new chat, another model) stops it. It outlives the model and, in this tab, the page.
 */
export function useChat(model: Model | undefined, settings: Settings, store: RunStore) {
  const [conversation, dispatch] = useReducer(conversationReducer, undefined, () =>
    readConversation(readJson("session", KEY)),
  );
  const latest = useRef({ conversation, settings });
  latest.current = { conversation, settings };
  const running = useRef<{ abort: AbortController; done: Promise<void> } | null>(null);
  const pendingId = pendingAnswer(conversation)?.id;

  useEffect(() => writeJson("session", KEY, conversation), [conversation]);

  useEffect(() => {
    if (pendingId === undefined || !model) return;
    const before = running.current?.done;
    const abort = new AbortController();
    const write = async () => {
      await before;
      const { conversation, settings } = latest.current;
      const messages = promptMessages(conversation, pendingId, settings.systemPrompt);
      const chat = (signal: AbortSignal) => model.chat(messages, { ...generateOptions(settings), signal });
      const { text, ...outcome } = await runGeneration(store, model, abort.signal, chat, pendingId);
      dispatch({ type: "settle", id: pendingId, content: text, ...outcome });
    };
    const done = write();
    running.current = { abort, done };
    return () => abort.abort();
  }, [pendingId, model, store]);

  const stop = useCallback(() => running.current?.abort.abort(), []);
  return { conversation, dispatch, stop, busy: pendingId !== undefined && model !== undefined };
}
