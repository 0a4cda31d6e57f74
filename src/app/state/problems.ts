import { type ErrorCode, isWebggufError } from "../../core/errors.ts";

/** A way on that the page can offer. */
export type WayOn =
  | "choose"
  | "retry"
  | "smaller-context"
  | "reload-model"
  | "new-chat"
  | "completion"
  | "auto-backend"
  | "use-cpu";

export const WAY_LABELS: Record<WayOn, string> = {
  choose: "Choose another file",
  retry: "Try again",
  "smaller-context": "Try a shorter context",
  "reload-model": "Load the model again",
  "new-chat": "Start a new chat",
  completion: "Switch to completion",
  "auto-backend": "Let the page choose the device",
  "use-cpu": "Load it on the CPU",
};

/** A failure as a person needs it. */
export interface Problem {
  readonly code: ErrorCode;
  readonly title: string;
  /** What was found, in the engine's words. */
  readonly found: string;
  readonly advice: string;
  readonly ways: readonly WayOn[];
}

type Entry = Omit<Problem, "code" | "found">;

const UNREADABLE_MODEL: readonly WayOn[] = ["choose"];

const PROBLEMS: Record<ErrorCode, Entry> = {
  "not-gguf": {
    title: "This is not a GGUF file",
    advice: "Choose a file that ends in .gguf. Other formats (.safetensors, .bin, .pt) have to be converted first.",
    ways: UNREADABLE_MODEL,
  },
  "unsupported-version": {
    title: "This version of GGUF is not known here",
    advice: "Look for a newer copy of the model; versions 2 and 3 open.",
    ways: UNREADABLE_MODEL,
  },
  truncated: {
    title: "The file is not complete",
    advice: "The download was probably cut short. Download it again, or choose another file.",
    ways: ["choose", "retry"],
  },
  malformed: {
    title: "The file is damaged",
    advice: "Its header contradicts itself. Download it again, or choose another file.",
    ways: UNREADABLE_MODEL,
  },
  "unsupported-architecture": {
    title: "This architecture is not supported yet",
    advice: "The file itself is fine. Choose a model of one of the architectures named above.",
    ways: UNREADABLE_MODEL,
  },
  "unsupported-quantization": {
    title: "This quantisation is not supported here",
    advice: "The same model in another quantisation, such as Q4_K_M or Q8_0, will do.",
    ways: ["choose", "auto-backend"],
  },
  "unsupported-tokenizer": {
    title: "This tokenizer is not supported yet",
    advice: "Without it, text cannot be turned into tokens. Choose another model.",
    ways: UNREADABLE_MODEL,
  },
  "missing-metadata": {
    title: "The file lacks something the model needs",
    advice: "It was probably converted with an old or a faulty tool. Choose another copy of the model.",
    ways: UNREADABLE_MODEL,
  },
  "missing-tensor": {
    title: "The file lacks weights the model needs",
    advice: "It was probably converted with an old or a faulty tool. Choose another copy of the model.",
    ways: UNREADABLE_MODEL,
  },
  "missing-part": {
    title: "Parts of this model are missing",
    advice: "Select all parts (-00001-of-0000N and so on) and drop them together.",
    ways: UNREADABLE_MODEL,
  },
  "no-weights": {
    title: "This file holds a vocabulary only",
    advice: "It can split text into tokens, but it has no weights to answer with. Choose the full model.",
    ways: UNREADABLE_MODEL,
  },
  "out-of-memory": {
    title: "There is not enough memory for this",
    advice: "Try a shorter context, close other tabs, or choose a smaller model or quantisation.",
    ways: ["smaller-context", "retry", "use-cpu", "choose"],
  },
  "device-unavailable": {
    title: "This device cannot be used here",
    advice: "Try again; if that does not help, set fewer threads or another backend in the settings.",
    ways: ["retry", "auto-backend", "choose"],
  },
  "device-lost": {
    title: "The device stopped unexpectedly",
    advice: "Loading the model again usually helps; the CPU always works. The conversation is kept.",
    ways: ["reload-model", "use-cpu", "choose"],
  },
  "file-changed": {
    title: "The file has changed on disk",
    advice: "It is no longer the file that was opened. Choose it again.",
    ways: ["choose", "retry"],
  },
  "file-unreadable": {
    title: "The file cannot be read",
    advice: "It may have been moved, deleted or locked, or its drive unplugged. Choose it again.",
    ways: ["choose", "retry"],
  },
  network: {
    title: "The model could not be downloaded",
    advice: "Check the address and the connection. The server must allow other sites to read the file (CORS).",
    ways: ["retry", "choose"],
  },
  "context-full": {
    title: "The context is full",
    advice:
      "Start a new chat, load the model with a longer context, or let the oldest text drop out (in the settings).",
    ways: ["new-chat"],
  },
  template: {
    title: "The file's chat template failed",
    advice: "The model can still continue plain text in completion mode.",
    ways: ["completion", "retry"],
  },
  "invalid-argument": {
    title: "That cannot be done with these settings",
    advice: "Change what is named above and try again.",
    ways: ["retry"],
  },
  closed: {
    title: "The model has been closed",
    advice: "Load it again to go on. The conversation is kept.",
    ways: ["reload-model", "choose"],
  },
  busy: { title: "The model is still busy", advice: "Wait for the running answer, or stop it first.", ways: ["retry"] },
  aborted: { title: "Stopped", advice: "It was stopped before it finished.", ways: ["retry"] },
  internal: {
    title: "Something went wrong",
    advice: "This is a fault of webgguf, not yours. Loading the model again may help.",
    ways: ["retry", "reload-model", "choose"],
  },
};

/** Any thrown value as a problem with a title, advice and ways on. */
export function describeProblem(error: unknown): Problem {
  const code = isWebggufError(error) ? error.code : codeOfDomError(error);
  const found = error instanceof Error ? error.message : String(error);
  return { code, found, ...PROBLEMS[code] };
}

/** Codes of what the browser itself throws when it reads files. */
function codeOfDomError(error: unknown): ErrorCode {
  switch (error instanceof Error ? error.name : "") {
    case "AbortError":
      return "aborted";
    case "NotFoundError":
    case "NotReadableError":
    case "NotAllowedError":
    case "SecurityError":
      return "file-unreadable";
    case "RangeError":
      return "out-of-memory";
    default:
      return "internal";
  }
}

export const isAborted = (error: unknown): boolean => describeProblem(error).code === "aborted";
