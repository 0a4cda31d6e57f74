import { expect, it } from "vitest";
import { Turns } from "./turns.ts";

const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A party that notes its steps; each ends when the next is taken. */
async function party(turns: Turns, which: 0 | 1, steps: number, log: string[]): Promise<void> {
  for (let step = 0; step < steps; step++) {
    await turns.take(which);
    log.push(`${which} begins ${step}`);
    await settle();
    log.push(`${which} ends ${step}`);
  }
  turns.leave(which);
}

it("lets one work at a time, step by step, whoever comes first", async () => {
  for (const first of [0, 1] as const) {
    const other = first ? 0 : 1;
    const log: string[] = [];
    const turns = new Turns(first);
    const waits = party(turns, other, 2, log);
    await settle();
    expect(log).toEqual([]);
    await Promise.all([waits, party(turns, first, 2, log)]);
    expect(log).toEqual(
      [0, 1].flatMap((step) => [first, other].flatMap((one) => [`${one} begins ${step}`, `${one} ends ${step}`])),
    );
  }
});

it("goes on with one when the other has left, before its turn or in it", async () => {
  const log: string[] = [];
  const early = new Turns(0);
  early.leave(0);
  await party(early, 1, 2, log);
  expect(log).toHaveLength(4);
  const late = new Turns(0);
  await Promise.all([party(late, 0, 1, log), party(late, 1, 3, log)]);
  expect(log.slice(4).filter((line) => line.includes("begins"))).toEqual([
    "0 begins 0",
    "1 begins 0",
    "1 begins 1",
    "1 begins 2",
  ]);
});
