import { describe, expect, it } from "vitest";
import type { KeyValueStore } from "../backend.ts";
import { loadBuild } from "./module.ts";
import { controlOf, DotChoice, faster, fullDotOf } from "./probe.ts";

const build = await loadBuild("relaxed");

function storeOf(entries: [string, unknown][] = []) {
  const map = new Map(entries);
  const store: KeyValueStore = {
    get: async (key) => map.get(key),
    set: async (key, value) => void map.set(key, value),
  };
  return { map, store };
}

describe("the choice of kernels", () => {
  it("starts with a guess and is measured beside other work, then remembered", async () => {
    const full = await fullDotOf(build);
    const { map, store } = storeOf();
    const choice = await DotChoice.start(build, "this build", store);
    const guess = full === "none" ? "narrow" : "wide";
    expect(choice.current).toEqual({ gemv: guess, gemm: guess, full, source: "guess" });
    await choice.settled;
    expect(choice.current).toMatchObject({ full, source: "measured" });
    const { gemv, gemm } = choice.current;
    // Nothing is kept of forms that are as fast as each other.
    const kept = map.get(`this build, ${full}`);
    if (kept) expect(kept).toEqual({ gemv, gemm });
    else expect([gemv, gemm]).toContain(guess);
  });

  it("takes what an earlier visit measured, and nothing else that lies in the store", async () => {
    const full = await fullDotOf(build);
    const key = `this build, ${full}`;
    const remembered = await DotChoice.start(
      build,
      "this build",
      storeOf([[key, { gemv: "wide", gemm: "narrow" }]]).store,
    );
    await remembered.settled;
    expect(remembered.current).toEqual({ gemv: "wide", gemm: "narrow", full, source: "remembered" });
    const spoilt = await DotChoice.start(build, "this build", storeOf([[key, { gemv: "fast", gemm: "narrow" }]]).store);
    await spoilt.settled;
    expect(spoilt.current.source).toBe("measured");
  });

  it("stands without a store that works", async () => {
    const fails = () => Promise.reject(new Error("switched off"));
    const choice = await DotChoice.start(build, "this build", { get: fails, set: fails });
    await choice.settled;
    expect(choice.current.source).toBe("measured");
  });

  it("calls a form faster only where it clearly is", () => {
    expect(faster({ narrow: 6, wide: 8 })).toBe("narrow");
    expect(faster({ narrow: 8, wide: 6 })).toBe("wide");
    expect(faster({ narrow: 6, wide: 6.1 })).toBeUndefined();
  });

  it("has a number for each kind in the control", () => {
    expect(controlOf({ gemv: "narrow", gemm: "wide", full: "none", source: "only" })).toEqual({
      gemv_dot: 1,
      gemm_dot: 0,
      full_dot: 0,
    });
    expect(controlOf({ gemv: "wide", gemm: "narrow", full: "signed", source: "only" })).toEqual({
      gemv_dot: 0,
      gemm_dot: 1,
      full_dot: 2,
    });
  });
});
