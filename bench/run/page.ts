import { machineOfPage, pageProbes } from "../../src/bench/page.ts";
import { type BenchSubject, type BenchTask, runBench } from "../../src/bench/run.ts";
import type { BenchReport } from "../../src/bench/types.ts";
import type { Allocated } from "../../src/bench/watch.ts";
import type { Webgguf } from "../../src/core/api.ts";

/** What the page is given: files lie in the file input of this id, in order. */
export interface PageTask extends Pick<BenchTask, "name" | "plan" | "build" | "devices"> {
  readonly input: string;
  readonly subjects: readonly Omit<BenchSubject, "source">[];
}

/** What the page can call in Node. */
interface Outside {
  /** Told before each step; comes back when the step may begin. */
  benchProgress(line: string): Promise<void>;
  benchLoad(): Promise<number | undefined>;
  benchPeak(on: boolean): Promise<number | undefined>;
  benchAllocated(on: boolean): Promise<Allocated | undefined>;
}

/** Runs in the built page, with its `window.webgguf`. */
export async function measure({ input, subjects, ...task }: PageTask): Promise<BenchReport> {
  const { webgguf, benchProgress, benchLoad, benchPeak, benchAllocated } = window as unknown as Outside & {
    webgguf?: Webgguf;
  };
  if (!webgguf) throw new Error("The page has no window.webgguf.");
  await benchProgress("The page is ready");
  const files = (document.getElementById(input) as HTMLInputElement).files;
  const page = pageProbes();
  let watching = false;
  const peak = () => {
    watching = !watching;
    return benchPeak(watching);
  };
  let counting = false;
  const allocated = () => {
    counting = !counting;
    return benchAllocated(counting);
  };
  try {
    const events = runBench(webgguf, {
      ...task,
      machine: await machineOfPage(),
      subjects: subjects.map((subject, index) => ({ ...subject, source: () => files?.[index] as File })),
      probes: { ...page, load: async () => (await benchLoad()) ?? 0, peak, allocated },
    });
    for await (const event of events) {
      if (event.type === "report") return event.report;
      if (event.type !== "progress") continue;
      const { label, done, total, remainingMilliseconds, warmup } = event;
      const left = remainingMilliseconds === undefined ? "" : `, ${Math.ceil(remainingMilliseconds / 1000)} s left`;
      await benchProgress(`${done} of ${total}${left}: ${label}${warmup ? " (warm-up)" : ""}`);
    }
    throw new Error("The run ended without a report.");
  } finally {
    page.stop();
  }
}
