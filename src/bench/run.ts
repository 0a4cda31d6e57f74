import type { Webgguf } from "../core/api.ts";
import { measureModel, modelUnits } from "./model.ts";
import { kernelUnits, measureKernels, measureSampling, samplingUnits } from "./parts.ts";
import { type BenchEvent, type BenchTask, Session } from "./session.ts";
import { type BenchReport, type BenchRun, SCHEMA } from "./types.ts";

export type { BenchDevice, BenchEvent, BenchSubject, BenchTask } from "./session.ts";

/**
 * Carries a plan out and tells of everything as it happens; the last event, and the generator's result, is the report. What
 * fails is in the report with the reason, and the rest goes on. On the signal it ends soon, with a report of what there is.
 */
export async function* runBench(webgguf: Webgguf, task: BenchTask): AsyncGenerator<BenchEvent, BenchReport> {
  const { plan, subjects, devices, name, build, machine, signal, contextLength } = task;
  // An open model has a device of its own.
  const pairs = subjects.flatMap((subject) =>
    (typeof subject.source === "function" ? devices : devices.slice(0, 1)).map((device) => ({ subject, device })),
  );
  const session = new Session(webgguf, task, [
    ...pairs.flatMap(({ subject, device }) => modelUnits(subject, device, plan, contextLength)),
    ...devices.flatMap((device) => kernelUnits(device, plan)),
    ...samplingUnits(plan),
  ]);
  const report: BenchReport = {
    schema: SCHEMA,
    name,
    date: new Date().toISOString(),
    build,
    machine,
    plan: { set: plan.set, opens: plan.opens, rounds: plan.rounds, warmups: plan.warmups },
    runs: [],
    warnings: session.watch.warnings,
  };
  const parts: (() => AsyncGenerator<BenchEvent, BenchRun>)[] = [
    ...pairs.map(
      ({ subject, device }) =>
        () =>
          measureModel(session, subject, device),
    ),
    ...(plan.kernels.length > 0 ? devices.map((device) => () => measureKernels(session, device)) : []),
    ...(plan.vocabularies.length > 0 ? [() => measureSampling(session)] : []),
  ];
  for (const part of parts) {
    if (signal?.aborted) break;
    const run = yield* part();
    report.runs.push(run);
    yield { type: "run", run };
  }
  if (signal?.aborted) session.watch.warn("stopped", "The run was stopped before it was through.");
  yield { type: "report", report };
  return report;
}
