import { readdirSync, readFileSync } from "node:fs";

/** Processor time so far, of all processors together, in ticks; undefined where the system has no /proc. */
function busyTicks(): { busy: number; all: number } | undefined {
  try {
    const ticks = readFileSync("/proc/stat", "utf8").split("\n")[0].trim().split(/\s+/).slice(1, 9).map(Number);
    const all = ticks.reduce((sum, value) => sum + value, 0);
    return { busy: all - ticks[3] - ticks[4], all };
  } catch {
    return undefined;
  }
}

/** How many of the `processors` were busy for the last quarter of a second; undefined where that cannot be told. */
export async function busyProcessors(processors: number): Promise<number | undefined> {
  const before = busyTicks();
  if (!before) return undefined;
  await new Promise((done) => setTimeout(done, 250));
  const after = busyTicks();
  return after && ((after.busy - before.busy) / Math.max(1, after.all - before.all)) * processors;
}

/** Bytes of their own that this process's descendants hold: shared pages are left out. Linux. */
function descendantBytes(): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // The name in brackets may hold anything; the parent is the second field behind it.
      parents.set(Number(name), Number(readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1)?.split(" ")[1]));
    } catch {
      // It has ended.
    }
  }
  const isDescendant = (pid: number): boolean => {
    const parent = parents.get(pid) ?? 0;
    return parent > 1 && (parent === process.pid || isDescendant(parent));
  };
  let pages = 0;
  for (const pid of parents.keys()) {
    if (!isDescendant(pid)) continue;
    try {
      const [, resident, shared] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ").map(Number);
      pages += resident - shared;
    } catch {
      // It has ended.
    }
  }
  return pages * 4096;
}

/** Watches how much memory the browser takes from one call of `start` to that of `stop`. */
export class PeakMemory {
  #timer: NodeJS.Timeout | undefined;
  #peak = 0;

  start(): void {
    this.#peak = 0;
    const look = () => {
      try {
        this.#peak = Math.max(this.#peak, descendantBytes());
      } catch {
        // Another system, without /proc.
      }
    };
    this.#timer ??= setInterval(look, 100);
    look();
  }

  /** The most that was seen; undefined where nothing could be. */
  stop(): number | undefined {
    clearInterval(this.#timer);
    this.#timer = undefined;
    return this.#peak || undefined;
  }
}
