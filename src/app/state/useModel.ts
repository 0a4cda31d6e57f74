import { useCallback, useEffect, useRef, useState } from "react";
import type { Model } from "../../core/api.ts";
import { webgguf } from "../../worker/client.ts";
import { checkMagic, choiceOfHandles, type ModelChoice } from "./fileAccess.ts";
import { describeProblem, type Problem } from "./problems.ts";
import { type LoadProgress, progressMeter } from "./progress.ts";
import type { LoadSettings } from "./settings.ts";

export type ModelState =
  | { phase: "empty" }
  | { phase: "loading"; choice: ModelChoice; progress: LoadProgress }
  | { phase: "ready"; choice: ModelChoice; model: Model; load: LoadSettings };

/** A failed open: what went wrong, and with which choice, so that it can be tried again. */
export interface OpenFailure {
  readonly problem: Problem;
  readonly choice?: ModelChoice;
}

/** A model that was closed for a while, with what it takes to load it again. */
export interface Closed {
  readonly choice: ModelChoice;
  readonly load: LoadSettings;
}

const START: LoadProgress = { stage: "header", loadedBytes: 0, totalBytes: 0 };

/** The one model of the page. Opening another closes it first: two may not fit. */
export function useModel(onOpened: (choice: ModelChoice, model: Model) => void) {
  const [state, setState] = useState<ModelState>({ phase: "empty" });
  const [failure, setFailure] = useState<OpenFailure | null>(null);
  const [closed, setClosed] = useState<Closed>();
  const current = useRef<{ abort?: AbortController; model?: Model; source?: Closed }>({});
  const opened = useRef(onOpened);
  opened.current = onOpened;

  const open = useCallback(async (choice: ModelChoice, load: LoadSettings) => {
    const abort = new AbortController();
    const overtaken = () => current.current.abort !== abort;
    try {
      if (current.current.model) await checkMagic(choice);
      current.current.abort?.abort();
      current.current.abort = abort;
      setFailure(null);
      setClosed(undefined);
      setState({ phase: "loading", choice, progress: START });
      await current.current.model?.close().catch(() => {});
      current.current.model = undefined;
      const meter = progressMeter();
      const model = await webgguf.open(choice.parts, {
        ...load,
        signal: abort.signal,
        onProgress: (report) => {
          if (!overtaken()) setState({ phase: "loading", choice, progress: meter(report, performance.now()) });
        },
      });
      if (overtaken()) {
        await model.close();
        return;
      }
      current.current.model = model;
      current.current.source = { choice, load };
      setState({ phase: "ready", choice, model, load });
      opened.current(choice, model);
    } catch (error) {
      const problem = describeProblem(error);
      if (current.current.abort && current.current.abort !== abort && problem.code !== "not-gguf") return;
      if (current.current.abort === abort) setState({ phase: "empty" });
      if (problem.code !== "aborted") setFailure({ problem, choice });
    }
  }, []);

  /** Opens the same file again, from its handle where there is one: it may have changed since. */
  const reopen = useCallback(
    async (choice: ModelChoice, load: LoadSettings) => {
      try {
        const fresh = choice.handles.length > 0 ? await choiceOfHandles(choice.handles) : choice;
        await open(fresh, load);
      } catch (error) {
        setFailure({ problem: describeProblem(error), choice });
      }
    },
    [open],
  );

  /** Gives the memory back; `closed` then says what to reopen. */
  const close = useCallback(async () => {
    const { model, source } = current.current;
    if (!model) return;
    current.current.model = undefined;
    setClosed(source);
    setState({ phase: "empty" });
    await model.close();
  }, []);

  const cancel = useCallback(() => current.current.abort?.abort(), []);
  const fail = useCallback((error: unknown) => setFailure({ problem: describeProblem(error) }), []);
  const dismiss = useCallback(() => setFailure(null), []);

  useEffect(
    () => () => {
      current.current.abort?.abort();
    },
    [],
  );

  return { state, failure, closed, open, reopen, close, cancel, fail, dismiss };
}
