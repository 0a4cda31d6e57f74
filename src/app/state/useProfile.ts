import { useCallback, useEffect, useRef, useState } from "react";
import type { Model, Profile } from "../../core/api.ts";
import { describeProblem } from "./problems.ts";
import type { RunStore } from "./run.ts";

/** Few: a person waits, and an answer that is begun meanwhile waits too. */
const REPETITIONS = 5;

/** Profiles of a model, one at a time. An answer that begins stops one that is under way. */
export function useProfile(model: Model, store: RunStore) {
  const [profile, setProfile] = useState<Profile>();
  const [failure, setFailure] = useState<string>();
  const [running, setRunning] = useState(false);
  const abort = useRef<AbortController>(undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is known belongs to one model.
  useEffect(() => {
    setProfile(undefined);
    setFailure(undefined);
    return () => abort.current?.abort();
  }, [model]);

  const start = useCallback(
    async (promptTokens: number) => {
      const stop = new AbortController();
      abort.current = stop;
      setRunning(true);
      setFailure(undefined);
      const measured = model.profile({ promptTokens, repetitions: REPETITIONS, signal: stop.signal });
      store.occupy(stop, measured);
      try {
        setProfile(await measured);
      } catch (error) {
        const { code, found } = describeProblem(error);
        if (code !== "aborted") setFailure(found);
      } finally {
        setRunning(false);
      }
    },
    [model, store],
  );

  return { profile, failure, running, start };
}
