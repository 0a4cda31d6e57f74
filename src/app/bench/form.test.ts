import { describe, expect, it } from "vitest";
import { FULL, QUICK } from "../../bench/plan.ts";
import { DEFAULT_FORM, devicesOf, formErrors, parseList, planOf, readForm, whatIsMissing, withSet } from "./form.ts";

describe("lists of numbers", () => {
  it("are sorted, each number once, whatever stands between them", () => {
    expect(parseList(" 512,32; 128 32 ", 1, 1000)).toEqual([32, 128, 512]);
    expect(parseList("", 1, 1000)).toEqual([]);
  });

  it.each(["12a", "-1", "1.5", "2000", "1e9"])("say what is wrong: %s", (text) => {
    expect(parseList(text, 0, 1000)).toContain(text);
  });

  it("are not endless", () => {
    expect(parseList(Array.from({ length: 40 }, (_, i) => i).join(), 0, 100)).toMatch(/At most/);
  });
});

describe("plans", () => {
  it("are those of the set, with the person's repetitions", () => {
    expect(planOf({ ...DEFAULT_FORM, rounds: 7 })).toEqual({ ...QUICK, rounds: 7 });
    expect(planOf(withSet(DEFAULT_FORM, "full"))).toEqual(FULL);
  });

  it("of one's own hold what the fields say", () => {
    const form = { ...DEFAULT_FORM, set: "custom", prompt: "16", generate: "", depths: "", sampling: true } as const;
    expect(planOf(form)).toMatchObject({
      set: "custom",
      prompt: [16],
      generate: [],
      depths: [0],
      tokenizer: false,
      vocabularies: FULL.vocabularies,
      kernels: [],
    });
  });

  it("are not made of fields that are wrong; those that do not count may be", () => {
    const wrong = { ...DEFAULT_FORM, prompt: "many", threads: "0" };
    expect(Object.keys(formErrors(wrong))).toEqual(["threads"]);
    expect(Object.keys(formErrors({ ...wrong, set: "custom" }))).toEqual(["threads", "prompt"]);
  });
});

it("devices: the CPU path with each number of threads, the GPU once", () => {
  expect(devicesOf({ ...DEFAULT_FORM, threads: "1, 2" }, ["webgpu", "wasm"])).toEqual([
    { backend: "webgpu" },
    { backend: "wasm", threads: 1 },
    { backend: "wasm", threads: 2 },
  ]);
  expect(devicesOf(DEFAULT_FORM, ["wasm"])).toEqual([{ backend: "wasm" }]);
});

describe("what is missing", () => {
  const nothing = { ...DEFAULT_FORM, set: "custom", prompt: "", generate: "" } as const;

  it.each([
    ["a model", { ...nothing, prompt: "16" }, { open: false, opens: false, devices: 1 }, "Choose a model."],
    ["a test of the open model", nothing, { open: true, opens: false, devices: 1 }, "Choose a test."],
    ["a device for models", nothing, { open: true, opens: true, devices: 0 }, "Choose a device."],
    ["a device for kernels", DEFAULT_FORM, { open: true, opens: false, devices: 0 }, "Choose a device."],
    [
      "a good list",
      { ...nothing, prompt: "x" },
      { open: true, opens: true, devices: 1 },
      "A list of numbers is not right.",
    ],
    [
      "nothing: the open model has its device",
      { ...nothing, prompt: "16" },
      { open: true, opens: false, devices: 0 },
      undefined,
    ],
    ["nothing: opening is measured", nothing, { open: false, opens: true, devices: 1 }, undefined],
    [
      "nothing: sampling needs no model",
      { ...nothing, sampling: true },
      { open: false, opens: false, devices: 0 },
      undefined,
    ],
  ] as const)("%s", (_, form, choices, expected) => {
    expect(whatIsMissing(form, choices)).toBe(expected);
  });
});

describe("what was stored", () => {
  it("comes back", () => {
    const form = {
      ...DEFAULT_FORM,
      synthetic: [{ shape: "tiny", mix: "Q8_0" }],
      backends: ["wasm"],
      rounds: 5,
    } as const;
    expect(readForm(JSON.parse(JSON.stringify(form)))).toEqual(form);
  });

  it.each([null, 3, [], { opens: "a", rounds: -2, set: "x", kernels: 4, synthetic: [null, { shape: "__proto__" }] }])(
    "is made good: %j",
    (stored) => {
      const { synthetic, backends, ...form } = readForm(stored);
      const { synthetic: _, backends: __, ...defaults } = DEFAULT_FORM;
      expect(form).toEqual(defaults);
      expect(synthetic ?? []).toEqual([]);
      expect(backends).toBeUndefined();
    },
  );
});
