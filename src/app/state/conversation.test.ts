import { describe, expect, it } from "vitest";
import {
  type Conversation,
  type ConversationAction,
  conversationReducer,
  EMPTY_CONVERSATION,
  pendingAnswer,
  promptMessages,
} from "./conversation.ts";

const play = (actions: ConversationAction[], from: Conversation = EMPTY_CONVERSATION) =>
  actions.reduce(conversationReducer, from);
const texts = (state: Conversation) => state.messages.map((message) => `${message.role}: ${message.content}`);

const twoTurns = play([
  { type: "ask", content: "one" },
  { type: "settle", id: 2, content: "first", ending: "stop" },
  { type: "ask", content: "two" },
  { type: "settle", id: 4, content: "second", ending: "stop" },
]);

describe("conversation", () => {
  it("asks, waits, settles", () => {
    const asked = play([{ type: "ask", content: "hello" }]);
    expect(pendingAnswer(asked)?.id).toBe(2);
    const settled = play([{ type: "settle", id: 2, content: "hi", ending: "stopped" }], asked);
    expect(pendingAnswer(settled)).toBeUndefined();
    expect(texts(settled)).toEqual(["user: hello", "assistant: hi"]);
  });

  it("editing a question drops what followed and waits for a new answer", () => {
    const edited = play([{ type: "edit", id: 1, content: "uno" }], twoTurns);
    expect(texts(edited)).toEqual(["user: uno", "assistant: "]);
    expect(pendingAnswer(edited)).toBeDefined();
    expect(new Set(edited.messages.map((message) => message.id)).has(1)).toBe(false);
  });

  it("answers cannot be edited, questions cannot be regenerated", () => {
    expect(play([{ type: "edit", id: 2, content: "x" }], twoTurns)).toBe(twoTurns);
    expect(play([{ type: "regenerate", id: 1 }], twoTurns)).toBe(twoTurns);
  });

  it("regenerating replaces the answer with one under a new id", () => {
    const again = play([{ type: "regenerate", id: 2 }], twoTurns);
    expect(texts(again)).toEqual(["user: one", "assistant: "]);
    expect(pendingAnswer(again)?.id).toBe(5);
  });

  it("a late result of a dropped answer changes nothing", () => {
    const cleared = play([{ type: "clear" }, { type: "settle", id: 4, content: "late", ending: "stop" }], twoTurns);
    expect(cleared.messages).toEqual([]);
  });

  it("shows the model the system prompt and what came before the answer", () => {
    const asked = play([{ type: "ask", content: "three" }], twoTurns);
    expect(promptMessages(asked, 6, " Be brief. ")).toEqual([
      { role: "system", content: "Be brief." },
      { role: "user", content: "one" },
      { role: "assistant", content: "first" },
      { role: "user", content: "two" },
      { role: "assistant", content: "second" },
      { role: "user", content: "three" },
    ]);
    expect(promptMessages(asked, 6, "  ")[0].role).toBe("user");
  });
});
