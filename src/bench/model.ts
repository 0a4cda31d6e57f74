import type { Model, OpenProgress } from "../core/api.ts";
import { allocationUnits, measureAllocations } from "./allocations.ts";
import { contextOf, type ModelTest, modelTests } from "./plan.ts";
import type { Unit } from "./schedule.ts";
import type { BenchDevice, BenchEvent, BenchSubject, Session } from "./session.ts";
import type { BenchPlan, BenchRun } from "./types.ts";

/** Encoded once for each sample of the tokenizer's throughput, and its first sentence for that of single calls. */
const SENTENCE = "The quick brown fox jumps over the lazy dog while 12 engineers measure how long it takes. ";
const TEXT = Array.from(
  { length: 400 },
  (_, i) => `${i}. ${SENTENCE}Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich — ${i * 7919}!\n`,
).join("");

export const isModel = (source: BenchSubject["source"]): source is Model => typeof source !== "function";

const nameOf = ({ name, type }: BenchSubject, { backend, threads }: BenchDevice) =>
  [name, type, backend === "auto" ? "" : backend, threads ? `${threads} threads` : ""].filter(Boolean).join(" ");

/** Times that the subject is opened. */
const opensOf = (subject: BenchSubject, { opens }: BenchPlan) => (isModel(subject.source) ? 1 : opens);

/** Samples after each opening: an open model gets all of them at once. */
const roundsOf = (subject: BenchSubject, { opens, rounds }: BenchPlan) =>
  isModel(subject.source) ? opens * rounds : rounds;

export function modelUnits(
  subject: BenchSubject,
  device: BenchDevice,
  plan: BenchPlan,
  { contextLength, allocations }: { readonly contextLength?: number; readonly allocations?: boolean } = {},
): Unit[] {
  const name = nameOf(subject, device);
  const { tests } = modelTests(plan, contextLength ?? contextOf(plan));
  // A token of a prompt takes about a fifth of the time of one that is generated.
  const cost = ({ kind, tokens }: ModelTest) => (kind === "generate" ? tokens : tokens / 5);
  const passes = plan.warmups + roundsOf(subject, plan);
  const once: Unit[] = [
    ...(isModel(subject.source) ? [] : [{ key: `${name}: open`, cost: 40 }]),
    ...tests.flatMap((test) =>
      Array.from({ length: passes }, () => ({ key: `${name}: ${test.id}`, cost: cost(test) })),
    ),
    ...(plan.tokenizer ? [{ key: `${name}: tokenizer`, cost: 10 }] : []),
  ];
  const opens = opensOf(subject, plan);
  return [...Array.from({ length: opens }, () => once).flat(), ...(allocations ? allocationUnits(name) : [])];
}

/** A run without anything yet. */
export function modelRun(subject: Omit<BenchSubject, "source">, backend: BenchRun["backend"] = "none"): BenchRun {
  return {
    kind: "model",
    subject: subject.name,
    ...(subject.type && { type: subject.type }),
    backend,
    device: "",
    threads: 0,
    ...(subject.synthetic && { synthetic: true }),
    tests: [],
    skipped: [],
    notes: [],
  };
}

/**
 * Opens a model once more, or takes the open one, and goes through all tests of each depth in turn, some rounds. Adds to
 * `run`; a failure is noted there.
 */
export async function* measureModel(
  session: Session,
  run: BenchRun,
  subject: BenchSubject,
  device: BenchDevice,
): AsyncGenerator<BenchEvent, void> {
  const { plan, probes } = session.task;
  const name = nameOf(subject, device);
  try {
    await session.watch.beforeOpening();
    const isFirst = run.memoryBytes === undefined;
    if (isFirst) await probes?.peak?.();
    const model = isModel(subject.source) ? subject.source : yield* open(session, subject, device, run, name);
    try {
      if (isFirst) {
        describe(run, model, modelTests(plan, model.info.contextLength).tooLong);
        const heap = probes?.heap?.();
        const peak = await probes?.peak?.();
        run.memoryBytes = {
          ...model.info.memoryBytes,
          ...(heap !== undefined && { heap }),
          ...(peak !== undefined && { peak }),
        };
      }
      yield* measureTests(session, model, run, name, roundsOf(subject, plan));
      // They hardly change from one opening to the next.
      if (isFirst) yield* measureAllocations(session, model, run, name);
      if (plan.tokenizer) yield* measureTokenizer(session, model, run, name, roundsOf(subject, plan));
    } finally {
      if (!isModel(subject.source)) await model.close();
    }
  } catch (error) {
    run.error = error instanceof Error ? error.message : String(error);
    session.schedule.drop(`${name}:`);
  }
}

function describe(run: BenchRun, { info }: Model, tooLong: readonly string[]): void {
  const { quantization, backend, device, threads, fileBytes, parameterCount, contextLength, notes } = info;
  run.type ??= quantization;
  Object.assign(run, { backend, device, threads, fileBytes, parameterCount, contextLength });
  run.notes.push(...notes);
  run.skipped.push(...tooLong.map((id) => `${id}: longer than the context of ${contextLength} tokens`));
}

async function* open(
  session: Session,
  subject: BenchSubject,
  { backend, threads }: BenchDevice,
  run: BenchRun,
  name: string,
): AsyncGenerator<BenchEvent, Model> {
  const { webgguf, signal, task } = session;
  const source = await (subject.source as () => ReturnType<Exclude<BenchSubject["source"], Model>>)();
  const times = new Map<string, number>();
  const note = (moment: string) => times.has(moment) || times.set(moment, performance.now());
  const onProgress = ({ stage, loadedBytes }: OpenProgress) => {
    note(stage);
    if (stage === "weights" && loadedBytes > 0) note("first weights");
  };
  const contextLength = task.contextLength ?? contextOf(task.plan);
  const step = { key: `${name}: open`, label: `${name}: open` };
  const model = yield* session.step(step, async () => {
    note("call");
    return webgguf.open(source, { backend, threads, contextLength, onProgress, signal });
  });
  note("opened");
  const parts = [
    ["open header", "call", "header"],
    ["open tokenizer", "header", "tokenizer"],
    ["open compile", "compile", "weights"],
    ["open first weights", "weights", "first weights"],
    ["open weights", "weights", "opened"],
    ["open", "call", "opened"],
  ];
  for (const [id, from, to] of parts) {
    const [start, end] = [times.get(from), times.get(to)];
    if (start !== undefined && end !== undefined) {
      yield* session.add(run, { id, unit: "ms", warmups: 0 }, [end - start]);
    }
  }
  return model;
}

async function* measureTests(
  session: Session,
  model: Model,
  run: BenchRun,
  name: string,
  rounds: number,
): AsyncGenerator<BenchEvent, void> {
  const { plan, signal } = session.task;
  const { tests } = modelTests(plan, model.info.contextLength);
  for (const depth of new Set(tests.map((test) => test.depth))) {
    for (let pass = -plan.warmups; pass < rounds; pass++) {
      for (const test of tests.filter((one) => one.depth === depth)) {
        const key = `${name}: ${test.id}`;
        const value = yield* session.step({ key, label: key, warmup: pass < 0 }, () => once(model, test, signal));
        if (pass < 0) continue;
        const unit = test.kind === "firstToken" ? "ms" : "tokens/s";
        const samples = { warmups: plan.warmups, samplesPerOpening: rounds };
        yield* session.add(run, { id: test.id, unit, ...samples }, [value]);
      }
    }
  }
}

/** One repetition. */
async function once(
  model: Model,
  { kind, tokens, depth }: ModelTest,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { prefill, decode, firstToken } = await model.bench({
    promptTokens: kind === "prompt" ? tokens : 0,
    generateTokens: kind === "generate" ? tokens : 0,
    firstTokenPrompt: kind === "firstToken" ? tokens : 0,
    contextDepth: depth,
    repetitions: 1,
    warmups: 0,
    signal,
  });
  return [...prefill, ...decode, ...firstToken][0];
}

async function* measureTokenizer(
  session: Session,
  model: Model,
  run: BenchRun,
  name: string,
  repetitions: number,
): AsyncGenerator<BenchEvent, void> {
  const { plan, signal } = session.task;
  const options = { repetitions, warmups: plan.warmups, signal };
  const key = `${name}: tokenizer`;
  const [whole, single] = yield* session.step({ key, label: key }, async () => [
    await model.benchTokenizer({ ...options, text: TEXT }),
    await model.benchTokenizer({ ...options, text: SENTENCE }),
  ]);
  const samples = { warmups: plan.warmups, samplesPerOpening: repetitions };
  for (const verb of ["encode", "decode"] as const) {
    const throughput = whole[verb].map((ms) => whole.bytes / ms / 1000);
    const perSecond = single[verb].map((ms) => 1000 / ms);
    yield* session.add(run, { id: verb, unit: "MB/s", ...samples }, throughput);
    yield* session.add(run, { id: `${verb} sentence`, unit: "op/s", ...samples }, perSecond);
  }
}
