import { lastTaskTime, nextTask } from "./next-task.ts";

/** How long work goes on before messages are received. */
const PACE_MILLISECONDS = 8;

/** Gives way to other tasks now and then; undefined where it is not time yet. */
export function giveWay(): Promise<void> | undefined {
  return performance.now() - lastTaskTime() < PACE_MILLISECONDS ? undefined : nextTask();
}
