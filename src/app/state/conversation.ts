import type { ChatMessage, FinishReason } from "../../core/api.ts";
import type { Problem } from "./problems.ts";

/** How an answer ended; the engine's reasons and two of the page's own. */
export type Ending = FinishReason | "stopped" | "failed";

export interface AnswerSummary {
  tokens: number;
  /** Tokens per second while decoding. */
  rate: number;
  timeToFirstTokenMilliseconds: number;
}

export interface Message {
  readonly id: number;
  readonly role: "user" | "assistant";
  readonly content: string;
  /** Of an answer that has ended. An answer without it is being written. */
  readonly ending?: Ending;
  readonly summary?: AnswerSummary;
  readonly problem?: Problem;
}

export interface Conversation {
  readonly messages: readonly Message[];
  readonly nextId: number;
}

export const EMPTY_CONVERSATION: Conversation = { messages: [], nextId: 1 };

export type ConversationAction =
  /** A question and the answer that is now to be written. */
  | { type: "ask"; content: string }
  /** Replaces a question; what followed is dropped and the answer is to be written anew. */
  | { type: "edit"; id: number; content: string }
  /** Drops the answer `id` and what followed; it is to be written anew. */
  | { type: "regenerate"; id: number }
  | { type: "settle"; id: number; content: string; ending: Ending; summary?: AnswerSummary; problem?: Problem }
  | { type: "clear" }
  | { type: "restore"; conversation: Conversation };

export function conversationReducer(state: Conversation, action: ConversationAction): Conversation {
  switch (action.type) {
    case "ask":
      return withAnswer(state.messages, action.content, state.nextId);
    case "edit": {
      const at = state.messages.findIndex((message) => message.id === action.id && message.role === "user");
      return at < 0 ? state : withAnswer(state.messages.slice(0, at), action.content, state.nextId);
    }
    case "regenerate": {
      const at = state.messages.findIndex((message) => message.id === action.id && message.role === "assistant");
      if (at < 0) return state;
      const answer: Message = { id: state.nextId, role: "assistant", content: "" };
      return { messages: [...state.messages.slice(0, at), answer], nextId: state.nextId + 1 };
    }
    case "settle": {
      const { type: _, id, ...outcome } = action;
      const messages = state.messages.map((message) => (message.id === id ? { ...message, ...outcome } : message));
      return { ...state, messages };
    }
    case "clear":
      return { messages: [], nextId: state.nextId };
    case "restore":
      return action.conversation;
  }
}

function withAnswer(before: readonly Message[], question: string, nextId: number): Conversation {
  const asked: Message = { id: nextId, role: "user", content: question };
  const answer: Message = { id: nextId + 1, role: "assistant", content: "" };
  return { messages: [...before, asked, answer], nextId: nextId + 2 };
}

/** The answer that is to be written, if there is one. */
export function pendingAnswer(state: Conversation): Message | undefined {
  const last = state.messages.at(-1);
  return last?.role === "assistant" && last.ending === undefined ? last : undefined;
}

/** What the model is shown: the system prompt and every message before the answer `id`. Empty answers are left out. */
export function promptMessages(state: Conversation, id: number, systemPrompt: string): ChatMessage[] {
  const at = state.messages.findIndex((message) => message.id === id);
  const shown = state.messages
    .slice(0, at < 0 ? undefined : at)
    .filter((message) => message.role === "user" || message.content !== "");
  const system: ChatMessage[] = systemPrompt.trim() ? [{ role: "system", content: systemPrompt.trim() }] : [];
  return [...system, ...shown.map(({ role, content }) => ({ role, content }))];
}
