import { WebggufError } from "../../core/errors.ts";
import type { Backend, BackendOptions } from "../backend.ts";
import { measureCeilings } from "./ceilings.ts";
import { faultOf } from "./checks/index.ts";
import { type AlterShader, Gpu } from "./gpu.ts";
import type { Variants } from "./kernel.ts";
import { AdapterMemory, SESSION_STORE } from "./memory.ts";
import { WebgpuPlan } from "./plan.ts";
import type { PlanAdapter } from "./prepare.ts";
import { type Checked, Trust } from "./trust.ts";
import { Tuner } from "./tuner.ts";
import { defaultTuning } from "./tuning.ts";

const TUNE_MILLISECONDS = 1500;
/** More than the caches of large GPUs hold. */
const CEILING_BYTES = 256 << 20;
const SOFTWARE_CEILING_BYTES = 32 << 20;

export interface WebgpuOptions extends BackendOptions {
  /** Where devices come from; by default the browser's own. Node has Dawn's. */
  readonly gpu?: GPU;
  /** Variants switched off that the adapter has; for tests. */
  readonly variants?: Partial<Variants>;
  /** Most bytes of one binding, when less than the device allows; for tests. */
  readonly bindingBytes?: number;
  /** Whether to check kernels on their first use; by default on everything but software adapters, which take seconds for each. */
  readonly check?: boolean;
  /** How long tile sizes may be measured when a model is opened. */
  readonly tuneMilliseconds?: number;
  /** Pretends a driver's error; for tests. */
  readonly alterShader?: AlterShader;
}

/**
 * The GPU path: WGSL kernels on WebGPU.
 * Throws `device-unavailable` where there is no WebGPU or no adapter, or (when chosen automatically) only a software one.
 */
export async function createWebgpuBackend(options: WebgpuOptions = {}): Promise<Backend> {
  const gpu = await Gpu.open(options.gpu ?? globalThis.navigator?.gpu, options.variants, options.alterShader);
  const { adapterInfo, device, variants } = gpu;
  if (options.automatic && adapterInfo.isFallbackAdapter) {
    gpu.close();
    throw new WebggufError("device-unavailable", "WebGPU has only a software adapter here, slower than the CPU path.");
  }
  const memory = await AdapterMemory.open(adapterInfo, options.store ?? SESSION_STORE);
  const checked: Checked = {
    variants,
    code: (kernel) => gpu.code(kernel),
    faultOf: (kernel) => faultOf(gpu, kernel),
  };
  const presets = defaultTuning(gpu.isSoftware);
  const tuner = new Tuner(presets, memory);
  const trust = new Trust(checked, memory, [tuner, presets], options.check ?? !gpu.isSoftware);
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const bindingBytes = Math.min(maxBufferSize, maxStorageBufferBindingSize, options.bindingBytes ?? Infinity);
  const isTuning = options.tune ?? !gpu.isSoftware;
  const tuneMilliseconds = isTuning ? (options.tuneMilliseconds ?? TUNE_MILLISECONDS) : 0;
  const adapter: PlanAdapter = { gpu, bindingBytes, trust, tuner, tuneMilliseconds };
  const used = Object.entries(variants).flatMap(([name, on]) => (on ? [name] : []));
  return {
    info: {
      name: "webgpu",
      device: `GPU, ${adapterName(adapterInfo)}${used.length ? ` (${used.join(", ")})` : ""}`,
      simd: "none",
      threads: 0,
    },
    compile: (graph, compileOptions) => WebgpuPlan.create(graph, compileOptions, adapter),
    async ceilings(repetitions, signal) {
      const bytes = gpu.isSoftware ? SOFTWARE_CEILING_BYTES : CEILING_BYTES;
      const { copy, read, f32, f16, int8 } = await measureCeilings(gpu, { bytes, repetitions, signal });
      return {
        copy: [...copy.samples],
        read: [...read.samples],
        float32: [...f32.samples],
        ...(f16 && { float16: [...f16.samples] }),
        ...(int8 && { int8: [...int8.samples] }),
      };
    },
    async close() {
      gpu.close();
    },
  };
}

function adapterName({ description, vendor, architecture, device }: GPUAdapterInfo): string {
  return description || [vendor, architecture, device].filter(Boolean).join(" ") || "unnamed adapter";
}
