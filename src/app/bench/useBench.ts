import { useCallback, useEffect, useRef, useState } from "react";
import { machineOfPage, pageProbes } from "../../bench/page.ts";
import { runBench } from "../../bench/run.ts";
import type { BenchDevice } from "../../bench/session.ts";
import type { BenchPlan, BenchReport, BenchRun } from "../../bench/types.ts";
import { throwIfAborted } from "../../core/errors.ts";
import { fileName, type SyntheticModel, syntheticFile, type WriteProgress } from "../../synthetic/files.ts";
import { webgguf } from "../../worker/client.ts";
import { describeProblem, type Problem } from "../state/problems.ts";
import { BUILD } from "./build.ts";
import { measureLoad } from "./load.ts";
import { type OpenModel, subjectsOf } from "./subjects.ts";

/** What is to be done, as it was when the person pressed the button. */
export interface BenchOrder {
  readonly name: string;
  readonly plan: BenchPlan;
  readonly devices: readonly BenchDevice[];
  readonly open: boolean;
  readonly afresh: boolean;
  readonly synthetic: readonly SyntheticModel[];
  readonly loaded?: OpenModel;
  /** Before a model is opened, where the open one has to make room. */
  readonly makeRoom?: () => Promise<void>;
}

export type BenchPhase =
  | { readonly phase: "idle" }
  | { readonly phase: "making"; readonly file: string; readonly progress: WriteProgress }
  | {
      readonly phase: "measuring";
      readonly label: string;
      readonly warmup: boolean;
      readonly done: number;
      readonly total: number;
      readonly remainingMilliseconds: number | undefined;
      /** Those that are through. */
      readonly runs: readonly BenchRun[];
    };

/** Less than this apart, changes are not shown: the page must not be what is measured. */
const SHOWN_MILLISECONDS = 250;

/** Makes what files are missing, then measures. One order at a time. */
export function useBench(onReport: (report: BenchReport) => void, onRunning: (running: boolean) => void) {
  const [state, setState] = useState<BenchPhase>({ phase: "idle" });
  const [problem, setProblem] = useState<Problem | null>(null);
  const current = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => current.current?.abort(), []);

  const start = async (order: BenchOrder) => {
    if (current.current) return;
    const abort = new AbortController();
    current.current = abort;
    setProblem(null);
    onRunning(true);
    try {
      const files = await makeFiles(order.synthetic, abort.signal, setState);
      onReport(await measure(order, files, abort.signal, setState));
    } catch (error) {
      const found = describeProblem(error);
      if (found.code !== "aborted") setProblem(found);
    } finally {
      current.current = undefined;
      setState({ phase: "idle" });
      onRunning(false);
    }
  };
  const cancel = useCallback(() => current.current?.abort(), []);
  const dismiss = useCallback(() => setProblem(null), []);
  return { state, problem, start, cancel, dismiss };
}

type Show = (state: BenchPhase) => void;

async function makeFiles(models: readonly SyntheticModel[], signal: AbortSignal, show: Show) {
  const files = new Map<string, File>();
  for (const model of models) {
    const file = fileName(model);
    show({ phase: "making", file, progress: { writtenBytes: 0, totalBytes: 0 } });
    const onProgress = (progress: WriteProgress) => show({ phase: "making", file, progress });
    files.set(file, await syntheticFile(model, { signal, onProgress }));
  }
  return files;
}

async function measure(
  { name, plan, devices, loaded, makeRoom, ...chosen }: BenchOrder,
  files: ReadonlyMap<string, File>,
  signal: AbortSignal,
  show: Show,
): Promise<BenchReport> {
  const beforeOpening = async () => makeRoom?.();
  const subjects = subjectsOf(chosen, loaded, (model) => files.get(fileName(model))!, beforeOpening);
  const probes = { ...pageProbes(), load: measureLoad };
  const runs: BenchRun[] = [];
  let shown = 0;
  try {
    const machine = await machineOfPage();
    throwIfAborted(signal);
    const events = runBench(webgguf, { name, plan, build: BUILD, machine, subjects, devices, probes, signal });
    for (let event = await events.next(); ; event = await events.next()) {
      if (event.done) return event.value;
      if (event.value.type === "run") runs.push(event.value.run);
      if (event.value.type !== "progress" || performance.now() - shown < SHOWN_MILLISECONDS) continue;
      shown = performance.now();
      show({ phase: "measuring", ...event.value, runs: [...runs] });
    }
  } finally {
    probes.stop();
  }
}
