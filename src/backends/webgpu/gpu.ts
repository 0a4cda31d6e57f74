import { WebggufError } from "../../core/errors.ts";
import { type Dispatch, type Kernel, kernelKey, type Variants } from "./kernel.ts";
import { assembleShader } from "./shader.ts";

export interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly bindings: number;
}

/** A dispatch with its pipeline compiled and its buffers bound. */
export interface BoundDispatch {
  readonly dispatch: Dispatch;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
}

/** Makes of a shader's text another one. */
export type AlterShader = (code: string, kernel: Kernel) => string;

const STORAGE = 0x80 | 0x8 | 0x4; // STORAGE | COPY_DST | COPY_SRC

/** A device, the pipelines compiled on it, and what it holds. */
export class Gpu {
  readonly device: GPUDevice;
  readonly adapterInfo: GPUAdapterInfo;
  readonly variants: Variants;
  readonly hasTimestamps: boolean;
  readonly #pipelines = new Map<string, Promise<Pipeline>>();
  /** Made so far by `storage` and `bind`. */
  readonly created = { buffers: 0, bindGroups: 0 };
  /** Whether a CPU stands in for a GPU: kernels are then made small, for they take seconds to compile. */
  readonly isSoftware: boolean;
  /** Why the device is gone, once it is. */
  lost: GPUDeviceLostInfo | undefined;

  readonly #alterShader: AlterShader | undefined;

  /**
   * Throws `device-unavailable` with the reason. `forced` switches variants off that the adapter has, `alterShader` pretends
   * a driver's error; for tests.
   */
  static async open(gpu: GPU | undefined, forced: Partial<Variants> = {}, alterShader?: AlterShader): Promise<Gpu> {
    if (!gpu) throw unavailable("This browser has no WebGPU.");
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter) throw unavailable("WebGPU found no graphics adapter.");
    const wanted: GPUFeatureName[] = ["subgroups", "shader-f16", "timestamp-query"];
    const requiredFeatures = wanted.filter((name) => adapter.features.has(name));
    const { limits } = adapter;
    const device = await adapter.requestDevice({
      requiredFeatures,
      requiredLimits: {
        maxBufferSize: limits.maxBufferSize,
        maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
        maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
        maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
        maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
        maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      },
    });
    const can: Variants = {
      subgroups: device.features.has("subgroups"),
      f16: device.features.has("shader-f16"),
      packed: gpu.wgslLanguageFeatures?.has("packed_4x8_integer_dot_product") ?? false,
    };
    const variants: Variants = {
      subgroups: can.subgroups && forced.subgroups !== false,
      f16: can.f16 && forced.f16 !== false,
      packed: can.packed && forced.packed !== false,
      ownHalves: forced.ownHalves ?? false,
    };
    return new Gpu(device, adapter.info, variants, alterShader);
  }

  private constructor(device: GPUDevice, adapterInfo: GPUAdapterInfo, variants: Variants, alterShader?: AlterShader) {
    this.device = device;
    this.#alterShader = alterShader;
    this.adapterInfo = adapterInfo;
    this.variants = variants;
    this.isSoftware = adapterInfo.isFallbackAdapter || /swiftshader|llvmpipe/i.test(adapterInfo.description);
    this.hasTimestamps = device.features.has("timestamp-query");
    device.lost.then((info) => {
      this.lost = info;
    });
  }

  /** The same kernel is compiled once. Throws `internal` with the compiler's words. */
  pipeline(kernel: Kernel): Promise<Pipeline> {
    const key = kernelKey(kernel);
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) {
      pipeline = this.#compile(kernel);
      pipeline.catch(() => {});
      this.#pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  /** The whole text of the shader. */
  code(kernel: Kernel): string {
    const code = assembleShader(kernel);
    return this.#alterShader?.(code, kernel) ?? code;
  }

  async #compile(kernel: Kernel): Promise<Pipeline> {
    const code = this.code(kernel);
    const label = [kernel.file, ...kernel.weights, ...kernel.defines].join(" ");
    // What is wrong with the shader is told by the pipeline.
    this.device.pushErrorScope("validation");
    const module = this.device.createShaderModule({ code, label });
    this.device.popErrorScope().catch(() => {});
    const entries = bindingsOf(code);
    const layout = this.device.createBindGroupLayout({ label, entries });
    try {
      const pipeline = await this.device.createComputePipelineAsync({
        label,
        layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: "main", constants: declaredOnly(kernel.constants, code) },
      });
      return { pipeline, layout, bindings: entries.length };
    } catch (error) {
      const { messages } = await module.getCompilationInfo();
      const lines = code.split("\n");
      const told = messages.map((m) => `${m.lineNum}:${m.linePos} ${m.message}\n    ${lines[m.lineNum - 1]}`);
      throw new WebggufError("internal", `The kernel ${label} does not compile: ${String(error)}\n${told.join("\n")}`);
    }
  }

  async bind(dispatch: Dispatch): Promise<BoundDispatch> {
    const { pipeline, layout, bindings } = await this.pipeline(dispatch.kernel);
    if (bindings !== dispatch.buffers.length) {
      throw new WebggufError(
        "internal",
        `${dispatch.kernel.file} (${dispatch.label}) has ${bindings} bindings, not ${dispatch.buffers.length}.`,
      );
    }
    const entries = dispatch.buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    this.created.bindGroups++;
    const group = this.device.createBindGroup({ label: dispatch.label, layout, entries });
    return { dispatch, pipeline, group };
  }

  /** A storage buffer, zeros; its size is raised to a multiple of four bytes. */
  storage(bytes: number, label: string): GPUBuffer {
    this.created.buffers++;
    return this.device.createBuffer({ label, size: Math.max(16, Math.ceil(bytes / 4) * 4), usage: STORAGE });
  }

  encode(pass: GPUComputePassEncoder, { dispatch, pipeline, group }: BoundDispatch, rows: number): void {
    const [x, y, z] = dispatch.workgroups(rows);
    if (x * y * z === 0) return;
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(x, y, z);
  }

  close(): void {
    this.lost ??= CLOSED;
    this.device.destroy();
  }

  /** Why the device is gone, if it is: what fails for it does so a moment before that is told. */
  async loss(): Promise<GPUDeviceLostInfo | undefined> {
    const moment = new Promise<undefined>((resolve) => setTimeout(resolve, TOLD_MILLISECONDS));
    return this.lost ?? (await Promise.race([this.device.lost, moment]));
  }
}

const TOLD_MILLISECONDS = 100;
const CLOSED = { reason: "destroyed", message: "it was closed" } as GPUDeviceLostInfo;

export const deviceLost = ({ message }: Pick<GPUDeviceLostInfo, "message">, cause?: unknown): WebggufError =>
  new WebggufError(
    "device-lost",
    `The graphics device is gone${message ? ` (${message.replace(/\.$/, "")})` : ""}. Load the model again, on the GPU or on the CPU.`,
    { cause },
  );

const unavailable = (reason: string) => new WebggufError("device-unavailable", reason);

const BINDING =
  /@group\(0\)\s*@binding\((\d+)\)\s*var<\s*(storage\s*,\s*read_write|storage\s*(?:,\s*read)?|uniform)\s*>/g;

/** The layout that the declarations of a shader ask for, used or not. */
function bindingsOf(code: string): GPUBindGroupLayoutEntry[] {
  const live = code.replace(/\/\/.*$/gm, "");
  const entries = [...live.matchAll(BINDING)].map(([, binding, space]) => {
    const type: GPUBufferBindingType = space.includes("write")
      ? "storage"
      : space === "uniform"
        ? "uniform"
        : "read-only-storage";
    return { binding: Number(binding), visibility: 4 /* COMPUTE */, buffer: { type } };
  });
  return entries.sort((a, b) => a.binding - b.binding);
}

/** Constants of which a variant of the shader has no declaration would be an error. */
function declaredOnly(constants: Kernel["constants"], code: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(constants).filter(([name]) => new RegExp(`override\\s+${name}\\b`).test(code)),
  );
}
