import { useCallback, useEffect, useRef, useState } from "react";
import type { Model } from "../../core/api.ts";
import { type Outcome, runGeneration } from "./generation.ts";
import type { RunStore } from "./run.ts";
import { generateOptions, type Settings } from "./settings.ts";
import { useStored } from "./storage.ts";

export interface CompletionText {
  readonly text: string;
  /** Where the model's last continuation begins, until the text is edited. */
  readonly writtenFrom?: number;
}

function readText(stored: unknown): CompletionText {
  const { text, writtenFrom } = (stored ?? {}) as Partial<CompletionText>;
  if (typeof text !== "string") return { text: "" };
  return typeof writtenFrom === "number" && writtenFrom <= text.length ? { text, writtenFrom } : { text };
}

/** One text that the person and the model write together, without a chat template. */
export function useCompletion(model: Model | undefined, settings: Settings, store: RunStore) {
  const [state, setState] = useStored("session", "webgguf.completion", readText);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [busy, setBusy] = useState(false);
  const abort = useRef<AbortController | null>(null);

  const write = useCallback(
    async (prompt: string) => {
      if (!model || abort.current) return;
      abort.current = new AbortController();
      setState({ text: prompt, writtenFrom: prompt.length });
      setOutcome(null);
      setBusy(true);
      const result = await runGeneration(store, model, abort.current.signal, (signal) =>
        model.generate(prompt, { ...generateOptions(settings), signal }),
      );
      abort.current = null;
      setState(result.text ? { text: prompt + result.text, writtenFrom: prompt.length } : { text: prompt });
      setOutcome(result);
      setBusy(false);
    },
    [model, settings, store, setState],
  );

  // A model that goes takes its running answer with it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the cleanup belongs to the model.
  useEffect(() => () => abort.current?.abort(), [model]);

  const stop = useCallback(() => abort.current?.abort(), []);
  const edit = useCallback(
    (text: string) => {
      setState({ text });
      setOutcome(null);
    },
    [setState],
  );
  return { ...state, outcome, busy, write, stop, edit };
}
