import type { Backend } from "../../src/backends/backend.ts";
import { checkCase, OP_CASES } from "../../src/backends/cases/index.ts";
import { createReferenceBackend } from "../../src/backends/reference/index.ts";
import { createWebgpuBackend } from "../../src/backends/webgpu/index.ts";
import type { Kernel, Variants } from "../../src/backends/webgpu/kernel.ts";
import { roundingOf, testDevice } from "../../src/backends/webgpu/testing.ts";
import {
  f16CacheLimit,
  type Golden,
  type GoldenOptions,
  roundedActivationsLimit,
  runGoldenModel,
} from "../../test/golden-run.ts";

/** What e2e/gpu.spec.ts calls: the op cases and the golden models on this browser's WebGPU. */
const gpuTests = {
  /** Runs the cases with these numbers. */
  async run(variants: Partial<Variants>, numbers: readonly number[]) {
    const device = await testDevice(variants);
    const backend = await open(variants);
    const reference = createReferenceBackend();
    const results: { name: string; key: string; deviation: number; tolerance: number }[] = [];
    for (const opCase of numbers.map((n) => OP_CASES[n])) {
      const { deviations, tolerance } = await checkCase(
        reference,
        backend,
        opCase,
        roundingOf(opCase, device!.variants),
      );
      const key = `${opCase.op} ${opCase.dtype ?? ""}`.trim();
      results.push({ name: opCase.name, key, deviation: Math.max(...deviations), tolerance });
    }
    device?.close();
    return results;
  },

  async golden(
    path: string,
    { batchSize, cacheType, bindingBytes }: Pick<GoldenOptions, "batchSize" | "cacheType"> & { bindingBytes?: number },
  ) {
    const [golden, bytes] = await Promise.all([
      fetch(`/reference-file/${path}.json`).then((r) => r.json() as Promise<Golden>),
      fetch(`/reference-file/${path}.gguf`).then((r) => r.arrayBuffer()),
    ]);
    const limit = (g: Golden) => Math.max(roundedActivationsLimit(g), cacheType === "f16" ? f16CacheLimit(g) : 0);
    const model = { golden, bytes: new Uint8Array(bytes) };
    const backend = bindingBytes ? await createWebgpuBackend({ bindingBytes }) : await open({});
    return runGoldenModel(backend, model, { batchSize, cacheType, limit });
  },

  /** Opens one small product on a driver that is pretended to lose bits in packed products, twice, with the same memory. */
  async trust() {
    const opCase = OP_CASES.find(({ name }) => name === "matmul Q4_K 256×21 with bias")!;
    const stored = new Map<string, unknown>();
    const store = {
      get: async (key: string) => stored.get(key),
      set: async (key: string, value: unknown) => void stored.set(key, value),
    };
    let shaders = 0;
    const alterShader = (code: string, { defines }: Kernel) => {
      shaders++;
      return defines.includes("PACKED")
        ? code.replace("(weights_0[w] >> shift) & 0x0f0f0f0fu", "(weights_0[w] >> shift) & 0x07070707u")
        : code;
    };
    const once = async () => {
      const backend = await createWebgpuBackend({ check: true, alterShader, store });
      shaders = 0;
      const plan = await backend.compile(opCase.graph, opCase.options);
      await plan.ready?.();
      const { notes = [] } = plan;
      await plan.close();
      const made = shaders;
      const { deviations, tolerance } = await checkCase(createReferenceBackend(), backend, opCase, "f16");
      await backend.close();
      return { notes, shaders: made, deviation: Math.max(...deviations), tolerance };
    };
    return { first: await once(), second: await once() };
  },
};

const backends = new Map<string, Promise<Backend>>();

function open(variants: Partial<Variants>): Promise<Backend> {
  const key = JSON.stringify(variants);
  const backend = backends.get(key) ?? createWebgpuBackend({ variants });
  backends.set(key, backend);
  return backend;
}

export type GpuTests = typeof gpuTests;
Object.assign(window, { gpuTests });
