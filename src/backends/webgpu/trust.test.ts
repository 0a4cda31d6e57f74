import { describe, expect, it } from "vitest";
import type { Backend, KeyValueStore, Plan } from "../backend.ts";
import { checkCase, OP_CASES, type OpCase } from "../cases/index.ts";
import { createReferenceBackend } from "../reference/index.ts";
import { createWebgpuBackend, type WebgpuOptions } from "./index.ts";
import { type Dispatch, type Kernel, kernelKind } from "./kernel.ts";
import { AdapterMemory } from "./memory.ts";
import { testGpu } from "./testing.ts";
import { type Make, Trust } from "./trust.ts";
import { defaultTuning } from "./tuning.ts";

class MapStore implements KeyValueStore {
  readonly entries = new Map<string, unknown>();
  async get(key: string): Promise<unknown> {
    return this.entries.get(key);
  }
  async set(key: string, value: unknown): Promise<void> {
    this.entries.set(key, structuredClone(value));
  }
}

const ADAPTER = { vendor: "v", architecture: "a", device: "d", description: "" };

/** A device on which kernels with `broken` in their kind are wrong; it counts the checks. */
async function pretend(broken: RegExp, store: KeyValueStore = new MapStore(), version = "1") {
  const checks: string[] = [];
  const device = {
    variants: { subgroups: true, f16: true, packed: true },
    code: (kernel: Kernel) => `${version} ${kernelKind(kernel)}`,
    faultOf: async (kernel: Kernel) => {
      checks.push(kernelKind(kernel));
      return broken.test(kernelKind(kernel)) ? "found 1 where 2 was expected" : undefined;
    },
  };
  const memory = await AdapterMemory.open(ADAPTER, store);
  return { trust: new Trust(device, memory, [defaultTuning(false)]), checks };
}

/** A product's kernel as `matmul` names it. */
const make: Make = ({ packed, f16, ownHalves }) => [
  dispatch([...(packed ? ["PACKED"] : f16 ? ["F16"] : []), ...(ownHalves ? ["OWN_HALVES"] : [])]),
];
const dispatch = (defines: readonly string[]): Dispatch => ({
  kernel: { file: "ops/matmul.wgsl", defines, weights: ["Q4_K"], constants: {} },
  buffers: [],
  workgroups: () => [1, 1, 1],
  label: "",
});
const settle = async (trust: Trust) => {
  await trust.settle(() => trust.choose(make));
  return trust.choose(make).map(({ kernel }) => kernelKind(kernel));
};

describe("choice of variants", () => {
  it("takes the best one where it is right, and says how many were checked", async () => {
    const { trust, checks } = await pretend(/nothing/);
    expect(await settle(trust)).toEqual(["matmul Q4_K PACKED"]);
    expect(checks).toEqual(["matmul Q4_K PACKED"]);
    expect(trust.notes()).toEqual(["For this adapter: 1 GPU kernel checked."]);
  });

  it.each([
    [/PACKED$/, "matmul Q4_K PACKED OWN_HALVES"],
    [/PACKED/, "matmul Q4_K F16"],
    [/PACKED|F16/, "matmul Q4_K"],
    [/(PACKED|F16|Q4_K)$/, "matmul Q4_K PACKED OWN_HALVES"],
  ])("passes over %s", async (broken, taken) => {
    const { trust } = await pretend(broken);
    expect(await settle(trust)).toEqual([taken]);
    expect(trust.notes().at(-1)).toMatch(
      /gets \d GPU kernels? wrong; others .*matmul Q4_K PACKED: found 1 where 2 was expected/,
    );
  });

  it("gives up where no variant is right, with the numbers and a way out", async () => {
    const { trust } = await pretend(/matmul/);
    await expect(settle(trust)).rejects.toMatchObject({
      code: "device-unavailable",
      message: expect.stringMatching(/matmul Q4_K.*found 1 where 2 was expected.*CPU path/),
    });
  });

  it("remembers verdicts, good and bad, as long as the shader is the same", async () => {
    const store = new MapStore();
    const first = await pretend(/PACKED/, store);
    await settle(first.trust);
    expect(first.checks.length).toBe(3);
    const second = await pretend(/PACKED/, store);
    expect(await settle(second.trust)).toEqual(["matmul Q4_K F16"]);
    expect(second.checks).toEqual([]);
    expect(second.trust.notes()).toEqual(first.trust.notes());
    const repaired = await pretend(/nothing/, store, "2");
    expect(await settle(repaired.trust)).toEqual(["matmul Q4_K PACKED"]);
    expect(repaired.checks).toEqual(["matmul Q4_K PACKED"]);
  });

  it("keeps adapters apart", async () => {
    const store = new MapStore();
    await settle((await pretend(/PACKED/, store)).trust);
    const other = await AdapterMemory.open({ ...ADAPTER, device: "e" }, store);
    await other.save();
    expect(store.entries.size).toBe(2);
    expect(Array.from(store.entries.keys()).every((key) => key.includes("v | a | "))).toBe(true);
  });

  it("checks all the same where nothing can be stored", async () => {
    const failing = { get: () => Promise.reject(new Error("no")), set: () => Promise.reject(new Error("no")) };
    const { trust, checks } = await pretend(/nothing/, failing);
    expect(await settle(trust)).toEqual(["matmul Q4_K PACKED"]);
    expect(checks.length).toBe(1);
  });
});

const gpu = await testGpu();
const CASE = OP_CASES.find(({ name }) => name === "matmul Q4_K 256×21 with bias") as OpCase;

describe.skipIf(!gpu)("a driver with an error", { timeout: 240_000 }, () => {
  const open = (options: Partial<WebgpuOptions>) => createWebgpuBackend({ gpu, check: true, ...options });
  const notesOf = async (backend: Backend) => {
    const plan = await backend.compile(CASE.graph, CASE.options);
    await plan.ready?.();
    await plan.close();
    return (plan.notes ?? []).join(" ");
  };

  it("in one variant of a kernel is found, and another variant computes right", async () => {
    const store = new MapStore();
    // Loses a bit of some codes.
    const alterShader = (code: string, { file, defines }: Kernel) =>
      file === "ops/matmul.wgsl" && defines.includes("PACKED")
        ? code.replace("(weights_0[w] >> shift) & 0x0f0f0f0fu", "(weights_0[w] >> shift) & 0x07070707u")
        : code;
    const backend = await open({ alterShader, store });
    const { deviations, tolerance } = await checkCase(createReferenceBackend(), backend, CASE, "f16");
    expect(Math.max(...deviations)).toBeLessThanOrEqual(tolerance);
    expect(await notesOf(backend)).toMatch(/matmul Q4_K .*PACKED.* found .* where .* was expected/);
    await backend.close();
    // The kernel as it is: its text is another, so that it is checked again.
    const repaired = await open({ store });
    expect(await notesOf(repaired)).not.toContain("wrong");
    await repaired.close();
  });

  it("in scales that are subnormal is found, and halves are widened without the driver", async () => {
    const alterShader = (code: string) =>
      code.replace(
        "return unpack2x16float(w);",
        "let h = unpack2x16float(w); return select(h, vec2<f32>(), abs(h) < vec2<f32>(6.1e-5));",
      );
    const backend = await open({ alterShader });
    expect(await notesOf(backend)).toMatch(/gets \d GPU kernels wrong/);
    const { deviations, tolerance } = await checkCase(createReferenceBackend(), backend, CASE, "int8");
    expect(Math.max(...deviations)).toBeLessThanOrEqual(tolerance);
    await backend.close();
  });

  it("in every variant makes the device unavailable", async () => {
    const alterShader = (code: string, { file }: Kernel) =>
      file === "ops/select_outputs.wgsl" ? code.replace("step_output_row(row)", "row") : code;
    const backend = await open({ alterShader });
    const plan = await backend.compile(CASE.graph, CASE.options);
    await expect(plan.ready?.()).rejects.toMatchObject({
      code: "device-unavailable",
      message: expect.stringMatching(/select_outputs.*found .* where .* was expected.*CPU path/),
    });
    await backend.close();
  });

  it("that refuses a shader is found like one that computes wrongly", async () => {
    const alterShader = (code: string, { defines }: Kernel) => (defines.includes("SUBGROUPS") ? `${code} !` : code);
    const backend = await open({ alterShader });
    const plan: Plan = await backend.compile(CASE.graph, CASE.options);
    await plan.ready?.();
    const kernels = (plan as Plan & { decodeTasks: { bound: { dispatch: Dispatch } }[] }).decodeTasks;
    expect(kernels.some(({ bound }) => bound.dispatch.kernel.defines.includes("SUBGROUPS"))).toBe(false);
    await backend.close();
  });

  it("in the kernels that choose tokens leaves the choice to the CPU", async () => {
    const alterShader = (code: string, { file }: Kernel) =>
      file === "ops/argmax.wgsl" ? code.replaceAll("logits_at + token", "logits_at") : code;
    const backend = await open({ alterShader });
    const plan = await backend.compile(CASE.graph, CASE.options);
    await plan.ready?.();
    expect(plan.canDecode?.({ temperature: 0, typicalP: 1 } as never, 21)).toBe(false);
    expect(plan.notes?.at(-1)).toMatch(/chosen on the CPU/);
    await backend.close();
  });
});
