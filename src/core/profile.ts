import type { Profile } from "./api.ts";

/** The steps of one kind, together. */
export interface ProfileRow {
  readonly op: string;
  readonly steps: number;
  readonly microseconds: number;
  /** Part of the sum over all steps, 0 … 1. */
  readonly share: number;
  /** 10^9 bytes per second over those steps whose bytes are known; absent where none are. */
  readonly gigabytesPerSecond?: number;
}

/** A profile by kind of step, the longest first. */
export function byOp({ steps }: Profile): ProfileRow[] {
  const total = steps.reduce((sum, step) => sum + step.microseconds, 0);
  const rows = new Map<string, { steps: number; microseconds: number; bytes: number; timed: number }>();
  for (const { op, microseconds, bytes } of steps) {
    const row = rows.get(op) ?? { steps: 0, microseconds: 0, bytes: 0, timed: 0 };
    row.steps++;
    row.microseconds += microseconds;
    if (bytes !== undefined) {
      row.bytes += bytes;
      row.timed += microseconds;
    }
    rows.set(op, row);
  }
  return [...rows]
    .map(([op, { steps, microseconds, bytes, timed }]) => ({
      op,
      steps,
      microseconds,
      share: total > 0 ? microseconds / total : 0,
      ...(bytes > 0 && timed > 0 && { gigabytesPerSecond: bytes / timed / 1e3 }),
    }))
    .sort((a, b) => b.microseconds - a.microseconds);
}

/** Part of the threads' time that they work; absent on a GPU. */
export function threadUse({ steps, threads }: Profile): number | undefined {
  if (threads === 0) return undefined;
  let work = 0;
  let all = 0;
  for (const thread of steps.flatMap((step) => step.threads ?? [])) {
    work += thread.workMicroseconds;
    all += thread.workMicroseconds + thread.waitMicroseconds;
  }
  return all > 0 ? work / all : undefined;
}

/** One event of the Trace Event Format: ph "X" has a beginning and a length, "M" names a process or a thread. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: "X" | "M";
  readonly pid: number;
  readonly tid: number;
  readonly cat?: string;
  /** Microseconds. */
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: Readonly<Record<string, string | number>>;
}

/**
 * A profile in the Chrome trace format, which chrome://tracing and Perfetto show. Track 0 has the steps; on the CPU there is
 * one more for each thread, with the work that it did.
 * Format: Trace Event Format, https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 */
export function chromeTrace(profile: Profile, name: string): { traceEvents: TraceEvent[]; displayTimeUnit: "ns" } {
  const track = (tid: number, title: string): TraceEvent => ({
    name: "thread_name",
    ph: "M",
    pid: 1,
    tid,
    args: { name: title },
  });
  const events: TraceEvent[] = [
    { name: "process_name", ph: "M", pid: 1, tid: 0, args: { name } },
    track(0, profile.threads > 0 ? "Steps" : "GPU"),
    ...Array.from({ length: profile.threads }, (_, i) => track(i + 1, `Thread ${i}`)),
  ];
  for (const { label, op, startMicroseconds, microseconds, bytes, threads = [] } of profile.steps) {
    const common = { name: label, cat: op, ph: "X", pid: 1 } as const;
    const args = { op, ...(bytes !== undefined && { bytes }) };
    events.push({ ...common, tid: 0, ts: startMicroseconds, dur: microseconds, args });
    threads.forEach(({ startMicroseconds: ts, workMicroseconds, waitMicroseconds }, i) => {
      if (ts !== undefined)
        events.push({ ...common, tid: i + 1, ts, dur: workMicroseconds, args: { op, wait: waitMicroseconds } });
    });
  }
  return { traceEvents: events, displayTimeUnit: "ns" };
}
