import { randomUUID } from "node:crypto";
import { mergeReports } from "../../src/bench/merge.ts";
import type { BenchReport } from "../../src/bench/types.ts";
import type { Task } from "./browser.ts";
import { Turns } from "./turns.ts";

/** Carries a task out in a page, which begins each step when `turn` is through. */
type Measure = (task: Task, turn: () => Promise<void>) => Promise<BenchReport>;

/** Two pages side by side, which take turns step by step; who begins changes from opening to opening. */
export async function measureInTurn(
  pages: readonly [Measure, Measure],
  task: Task,
  say: (line: string) => void,
): Promise<[BenchReport, BenchReport]> {
  const parts: [BenchReport[], BenchReport[]] = [[], []];
  const plan = { ...task.plan, opens: 1 };
  for (let opening = 0; opening < task.plan.opens; opening++) {
    say(`Opening ${opening + 1} of ${task.plan.opens}`);
    const turns = new Turns(opening % 2 ? 1 : 0);
    const measure = async (which: 0 | 1) => {
      try {
        return await pages[which]({ ...task, plan }, () => turns.take(which));
      } finally {
        turns.leave(which);
      }
    };
    const both = await Promise.all([measure(0), measure(1)]);
    both.forEach((report, which) => {
      parts[which].push(report);
    });
  }
  const mark = randomUUID();
  const [a, b] = parts.map(([first, ...rest]) => ({ ...mergeReports([first, ...rest]), turns: mark }));
  return [a, b];
}
