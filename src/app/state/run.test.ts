import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunStats } from "../../core/api.ts";
import { countersOf } from "./counters.ts";
import { RunStore } from "./run.ts";

const STATS: RunStats = {
  promptTokens: 80,
  cachedTokens: 10,
  generatedTokens: 3,
  timeToFirstTokenMilliseconds: 95,
  prefillMilliseconds: 90,
  decodeMilliseconds: 40,
  prefillRate: 777,
  decodeRate: 50,
  tokenMilliseconds: [18, 22],
  contextUsed: 83,
  contextLength: 512,
  memoryBytes: { weights: 1, kv: 2, scratch: 3 },
  finish: "stop",
};

beforeEach(() => {
  vi.useFakeTimers({ now: 1000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the running answer", () => {
  it("tells its listeners ten times a second, however many tokens came", () => {
    const store = new RunStore();
    const listener = vi.fn();
    store.begin();
    store.text.subscribe(listener);
    for (const text of ["One", " day", ","]) store.add({ token: 1, text });
    expect(listener).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(store.text.snapshot()).toMatchObject({ text: "One day,", tokens: 3, phase: "decode" });
  });

  it("tells the counters twice a second, or at the end only", () => {
    const store = new RunStore();
    const listener = vi.fn();
    for (const [live, told] of [
      [true, 2],
      [false, 0],
    ] as const) {
      store.liveCounters = live;
      store.begin();
      const unsubscribe = store.counters.subscribe(listener);
      for (let i = 0; i < 100; i++) {
        store.add({ token: 1, text: "a" });
        vi.advanceTimersByTime(10);
      }
      expect(listener).toHaveBeenCalledTimes(told);
      store.end();
      expect(listener).toHaveBeenCalledTimes(told + 1);
      expect(store.counters.snapshot().tokens).toBe(100);
      unsubscribe();
      listener.mockClear();
    }
  });

  it("counts the time to the first token while the prompt is read, then holds it", () => {
    const store = new RunStore();
    vi.advanceTimersByTime(5);
    store.begin();
    vi.advanceTimersByTime(300);
    expect(countersOf(store.current, performance.now()).timeToFirstToken).toBe(300);
    store.add({ token: 1, text: "a" });
    vi.advanceTimersByTime(500);
    expect(countersOf(store.current, performance.now()).timeToFirstToken).toBe(300);
  });

  it("measures decode from the times between tokens: the last ones, and all", () => {
    const store = new RunStore();
    vi.advanceTimersByTime(5);
    store.begin();
    store.add({ token: 1, text: "a" });
    for (let i = 0; i < 40; i++) {
      vi.advanceTimersByTime(i < 4 ? 100 : 10);
      store.add({ token: 1, text: "a" });
    }
    const { decodeNow, decodeAverage, contextUsed } = countersOf(store.current, performance.now());
    expect(decodeNow).toBeCloseTo(100);
    expect(decodeAverage).toBeCloseTo((40 / 760) * 1000);
    expect(contextUsed).toBe(41);
  });

  it("gives pieces that come together an equal share of the time before them", () => {
    const store = new RunStore();
    vi.advanceTimersByTime(5);
    store.begin();
    store.add({ token: 1, text: "a" });
    for (let i = 0; i < 100; i++) {
      if (i % 4 === 0) vi.advanceTimersByTime(20);
      store.add({ token: 1, text: "a" });
    }
    const { decodeNow, tokenMilliseconds } = countersOf(store.current, performance.now());
    expect(tokenMilliseconds).toEqual(new Array(100).fill(5));
    expect(decodeNow).toBeCloseTo(200);
  });

  it("takes the engine's word when there is one, and starts the next run from its context", () => {
    const store = new RunStore();
    store.begin();
    store.add({ token: 1, text: "a" });
    store.end();
    store.report(STATS);
    expect(countersOf(store.current, 0)).toMatchObject({
      timeToFirstToken: 95,
      prefillRate: 777,
      decodeAverage: 50,
      decodeNow: 50,
      contextUsed: 83,
      cachedTokens: 10,
    });
    store.begin();
    store.add({ token: 1, text: "b" });
    const next = countersOf(store.current, 0);
    expect(next.contextUsed).toBe(84);
    expect(next.prefillRate).toBeUndefined();
  });
});

describe("what else uses the model", () => {
  it("is stopped by an answer, which waits for it", async () => {
    const store = new RunStore();
    const abort = new AbortController();
    let end: (error: Error) => void = () => {};
    store.occupy(abort, new Promise((_, reject) => (end = reject)));
    let vacant = false;
    const vacated = store.vacate().then(() => {
      vacant = true;
    });
    expect(abort.signal.aborted).toBe(true);
    await Promise.resolve();
    expect(vacant).toBe(false);
    end(new Error("stopped"));
    await vacated;
    await store.vacate();
  });
});
