import { describe, expect, it } from "vitest";
import { parseOptions, titleOf } from "./options.ts";

describe("parseOptions", () => {
  it("has a quick set and a full one", () => {
    const quick = parseOptions(["--quick"]);
    expect(quick.models.map(titleOf)).toEqual(["Tiny", "Qwen2.5 0.5B"]);
    expect([quick.name, quick.plan.set]).toEqual(["quick", "quick"]);
    expect(quick.devices).toEqual([{ backend: "auto" }]);
    const full = parseOptions([]);
    expect(full.plan.set).toBe("full");
    expect(full.models).toHaveLength(6);
  });

  it("takes shapes in every type, and files as they are", () => {
    const { models } = parseOptions(["--models", "tiny, dir/Mine.gguf", "--types", "Q4_0,Q8_0"]);
    expect(models).toEqual([{ shape: "tiny", mix: "Q4_0" }, { shape: "tiny", mix: "Q8_0" }, { path: "dir/Mine.gguf" }]);
    expect(titleOf(models[2])).toBe("Mine");
  });

  it("measures each test at least as often as asked for, leaves parts out, and takes devices", () => {
    const args = ["--quick", "--repetitions", "9", "--parts", "sampling", "--backend", "wasm,webgpu", "--threads", "3"];
    const { plan, models, devices } = parseOptions(args);
    expect(plan.opens * plan.rounds).toBeGreaterThanOrEqual(9);
    expect(plan.opens * (plan.rounds - 1)).toBeLessThan(9);
    expect([plan.kernels, models]).toEqual([[], []]);
    expect(plan.vocabularies).not.toEqual([]);
    expect(devices).toEqual([
      { backend: "wasm", threads: 3 },
      { backend: "webgpu", threads: 3 },
    ]);
  });

  it("opens models more often to measure two builds in turn", () => {
    const { plan, against, bound } = parseOptions(["--quick", "--against", "old", "--bound", "7.5"]);
    expect([plan.opens, plan.rounds, against, bound]).toEqual([6, 3, "old", 7.5]);
    expect(parseOptions([])).toMatchObject({ bound: 5, plan: { opens: 4 } });
    expect(() => parseOptions(["--bound", "much"])).toThrow(/--bound is "much"/);
  });

  it("writes in the page with the first model, in full runs and when asked to", () => {
    expect(parseOptions([]).page).toMatchObject({ model: { shape: "qwen2.5-0.5b", mix: "Q4_0" } });
    expect(parseOptions(["--quick"]).page).toBeUndefined();
    const only = parseOptions(["--quick", "--parts", "page", "--models", "a.gguf", "--repetitions", "3"]);
    expect(only).toMatchObject({ page: { model: { path: "a.gguf" }, answers: 3 }, models: [], plan: { kernels: [] } });
  });

  it("opens the header of a large file, but not where two builds are compared", () => {
    expect(parseOptions(["--quick"]).header).toMatchObject({ shape: "qwen2.5-coder-14b", mix: "Q5_K_M" });
    expect(parseOptions([]).header).toBeDefined();
    expect(parseOptions(["--quick", "--against", "old"]).header).toBeUndefined();
    expect(parseOptions(["--parts", "kernels"]).header).toBeUndefined();
    expect(parseOptions(["--parts", "header"])).toMatchObject({ models: [], plan: { kernels: [], vocabularies: [] } });
  });

  it("says what it does not know", () => {
    expect(() => parseOptions(["--models", "gpt-5"])).toThrow(/--models names "gpt-5"; expected one of qwen2.5-0.5b/);
    expect(() => parseOptions(["--types", "Q9"])).toThrow(/--types names "Q9"/);
    expect(() => parseOptions(["--backend", "cuda"])).toThrow(/auto, webgpu, wasm, reference/);
    expect(() => parseOptions(["--repetitions", "0"])).toThrow(/whole number from 1/);
    expect(() => parseOptions(["--parts", "all"])).toThrow(/models, kernels, sampling, header, page/);
  });
});
