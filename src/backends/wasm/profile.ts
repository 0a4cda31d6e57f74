import type { Profile, ProfileStep, ProfileThread } from "../../core/api.ts";
import { byteLength } from "../../core/dtype.ts";
import type { Graph, Op, ValueId } from "../../core/graph.ts";
import type { CacheType, RunRequest } from "../backend.ts";
import type { Step } from "../graph-utils/fuse.ts";
import { stepNames } from "./emit.ts";
import type { StepName } from "./records.ts";

/** A step of the program, in words. */
export interface ProgramStep {
  readonly label: string;
  readonly op: string;
  /** Bytes of weights that it reads, whatever the number of tokens. */
  readonly weightBytes?: number;
  /** Bytes of the cache that one token reads for each position, and how many positions it sees at most. */
  readonly cache?: { readonly bytes: number; readonly window: number };
}

/** The steps of the program in the order of `emitProgram`. */
export function programSteps(graph: Graph, steps: readonly Step[], cacheType: CacheType): ProgramStep[] {
  const nameOf = (id: ValueId) => graph.values[id].name;
  return steps.flatMap((step) => stepNames(step).map((name) => describe(graph, step, name, nameOf, cacheType)));
}

function describe(
  graph: Graph,
  step: Step,
  name: StepName,
  nameOf: (id: ValueId) => string,
  cacheType: CacheType,
): ProgramStep {
  if (step.kind === "matmul") {
    const label = [...new Set(step.segments.map((s) => nameOf(s.output)))].join(" ");
    const weights = step.segments.map((s) => graph.values[s.weight]).filter((value) => value.kind === "weight");
    const types = [...new Set(weights.map(({ dtype }) => dtype))].join("+");
    if (name === "quantize") return { label: `${label} input`, op: name };
    const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
    const weightBytes = weights.reduce((sum, { dtype, shape }) => sum + byteLength(dtype, size(shape)), 0);
    return { label, op: `${name} ${types}`, weightBytes };
  }
  if (step.kind === "attention") {
    const label = nameOf(step.op.output);
    if (name === "attention_merge") return { label: `${label} merge`, op: name };
    const { keyWidth, valueWidth } = graph.cacheLayers[step.op.params.layer];
    const bytes = (keyWidth + valueWidth) * (cacheType === "f16" ? 2 : 4);
    return { label, op: name, cache: { bytes, window: step.op.params.window || Number.POSITIVE_INFINITY } };
  }
  if (step.kind === "expert_matmul") {
    const weight = graph.values[step.op.inputs[1]];
    return { label: nameOf(step.op.output), op: `${name} ${weight.kind === "weight" ? weight.dtype : ""}` };
  }
  const ops: readonly Op[] = step.ops;
  const labels = ops.flatMap((op) => (op.output === null ? [] : [nameOf(op.output)]));
  const kinds = [...new Set(ops.map((op) => op.op))].join(" + ");
  return { label: labels.join(" ") || kinds, op: kinds };
}

/** Bytes that the times of a run take, see wasm/runtime.c. */
export const timesBytes = (steps: number, threads: number): number => (steps + 1 + 3 * steps * threads) * 8;

export interface ProfiledRun {
  /** Milliseconds, by thread 0's clock: when JavaScript began and when it had the result. */
  readonly start: number;
  readonly end: number;
  readonly threads: number;
  /** Milliseconds. */
  readonly resolution: number;
  readonly request: Pick<RunRequest, "tokens" | "position">;
}

/**
 * What one run left in `times`, as steps that lie end to end from its beginning to its end. A step of the program lasts from the
 * moment when its chunks could be taken (the last chunk of the step before was finished) until the same moment of the next
 * step. In front stands what JavaScript does before it starts the program, at the end how long it takes to see that it is
 * through. A thread works in a step while it is in one of its chunks, and waits for the rest of it.
 */
export function profileOf(steps: readonly ProgramStep[], times: Float64Array, run: ProfiledRun): Profile {
  const { start, end, threads, resolution, request } = run;
  const { tokens, position } = request;
  const micro = (milliseconds: number) => milliseconds * 1000;
  const none = (length: number): ProfileThread[] =>
    Array.from({ length: threads }, () => ({ workMicroseconds: 0, waitMicroseconds: length }));
  // Threads' clocks may be some microseconds apart: no step begins before the one in front of it.
  let latest = start;
  const inOrder = (time: number) => {
    latest = Math.min(Math.max(latest, time), end);
    return latest;
  };
  const live = steps.flatMap((step, i) => (times[i] > 0 ? [{ step, i, from: inOrder(times[i]) }] : []));
  const done = inOrder(times[steps.length]);
  const first = live[0]?.from ?? done;

  const prepare = micro(first - start);
  const result: ProfileStep[] = [
    {
      label: "tokens and angles",
      op: "prepare in JavaScript",
      startMicroseconds: 0,
      microseconds: prepare,
      threads: none(prepare).map((thread, t) =>
        t === 0 ? { startMicroseconds: 0, workMicroseconds: prepare, waitMicroseconds: 0 } : thread,
      ),
    },
  ];
  live.forEach(({ step, i, from }, n) => {
    const to = live[n + 1]?.from ?? done;
    const bytes = bytesRead(step, tokens.length, position);
    result.push({
      label: step.label,
      op: step.op,
      startMicroseconds: micro(from - start),
      microseconds: micro(to - from),
      ...(bytes !== undefined && { bytes }),
      threads: Array.from({ length: threads }, (_, t): ProfileThread => {
        const at = steps.length + 1 + 3 * (i * threads + t);
        const [began, , work] = times.subarray(at, at + 3);
        const worked = Math.min(work, to - from);
        const wait = micro(to - from - worked);
        if (began === 0) return { workMicroseconds: 0, waitMicroseconds: wait };
        const begin = Math.min(Math.max(began, from), to - worked);
        return { startMicroseconds: micro(begin - start), workMicroseconds: micro(worked), waitMicroseconds: wait };
      }),
    });
  });
  const back = micro(end - done);
  result.push({
    label: "back to JavaScript",
    op: "return to JavaScript",
    startMicroseconds: micro(done - start),
    microseconds: back,
    threads: none(back),
  });
  return {
    tokens: tokens.length,
    contextDepth: position,
    repetitions: 1,
    wallMicroseconds: micro(end - start),
    plainMicroseconds: Number.NaN,
    resolutionMicroseconds: micro(resolution),
    threads,
    steps: result,
  };
}

function bytesRead({ weightBytes, cache }: ProgramStep, tokens: number, position: number): number | undefined {
  if (weightBytes !== undefined) return weightBytes;
  if (!cache || tokens > 1) return undefined;
  return cache.bytes * Math.min(position + 1, cache.window);
}

/** The profile whose wall time is in the middle, as it is: its steps still lie end to end. `plain`: milliseconds. */
export function medianProfile(profiles: readonly Profile[], plain: readonly number[]): Profile {
  const sorted = [...profiles].sort((a, b) => a.wallMicroseconds - b.wallMicroseconds);
  const times = [...plain].sort((a, b) => a - b);
  return {
    ...sorted[(sorted.length - 1) >> 1],
    repetitions: profiles.length,
    plainMicroseconds: times[(times.length - 1) >> 1] * 1000,
  };
}

/** The smallest step that `performance.now()` made in some tens of tries, in milliseconds. */
export function clockResolution(): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 50; tries++) {
    const before = performance.now();
    let after = before;
    while (after === before) after = performance.now();
    smallest = Math.min(smallest, after - before);
  }
  return smallest;
}
