import { throwIfAborted } from "../../core/errors.ts";
import { arithmeticShader, copyShader, readShader } from "./ceiling-shaders.ts";
import type { Gpu } from "./gpu.ts";
import { median } from "./profile.ts";

const STORAGE = 0x80 | 0x8 | 0x4; // STORAGE | COPY_DST | COPY_SRC
const THREADS = 256;
const MOST_WORKGROUPS = 65535;
/** A pass is made so long, so that neither the clock nor the start of the pass counts. */
const PASS_NANOSECONDS = 20e6;

export interface CeilingOptions {
  /** Bytes of the buffer that is read; the device's limits may make it less. */
  readonly bytes: number;
  readonly repetitions: number;
  readonly signal?: AbortSignal;
}

/** Samples in the unit of the field, all of them, and which form of the kernel was the fastest. */
export interface Measured {
  readonly samples: readonly number[];
  readonly form: string;
}

export interface GpuCeilings {
  /** 10^9 bytes per second, read and written. */
  readonly copy: Measured;
  /** 10^9 bytes per second, read alone. */
  readonly read: Measured;
  /** 10^9 operations per second: a multiplication and an addition are two. */
  readonly f32: Measured;
  readonly f16?: Measured;
  /** 8-bit products, four in an instruction. */
  readonly int8?: Measured;
  /** Bytes of the buffer that is copied. */
  readonly bytes: number;
  readonly clock: "timestamps" | "wall";
}

/** Copy and read bandwidth and arithmetic rates of a device, by kernels that do nothing else. */
export async function measureCeilings(
  { device, isSoftware, variants, hasTimestamps }: Gpu,
  options: CeilingOptions,
): Promise<GpuCeilings> {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const most = Math.min(options.bytes, maxBufferSize, maxStorageBufferBindingSize);
  const bytes = Math.floor(most / (THREADS * 16 * 16)) * THREADS * 16 * 16;
  const source = device.createBuffer({ size: bytes, usage: STORAGE });
  const sink = device.createBuffer({ size: bytes, usage: STORAGE });
  const bench = new KernelBench(device, hasTimestamps, options);
  try {
    const filled = new Uint32Array(1 << 18).map((_, i) => Math.imul(i, 0x9e3779b1));
    for (let at = 0; at < bytes; at += filled.byteLength)
      device.queue.writeBuffer(source, at, filled, 0, Math.min(filled.length, (bytes - at) / 4));
    const vectors = bytes / 16;
    const moved = async (shader: (each: number) => string, amount: number) =>
      best(
        await Promise.all(
          [1, 2, 4, 8, 16].map(async (each) => {
            const kernel = await bench.kernel(shader(each), [source, sink]);
            return { form: `${each} × 16 bytes a thread`, kernel, groups: vectors / each / THREADS, amount };
          }),
        ),
        bench,
      );
    const groups = isSoftware ? 256 : 4096;
    const rounds = isSoftware ? 64 : 512;
    const computed = async (kind: "f32" | "f16" | "int8") =>
      best(
        await Promise.all(
          [4, 8].map(async (chains) => {
            const { code, operations } = arithmeticShader(kind, { chains, rounds, threads: THREADS });
            const kernel = await bench.kernel(code, [source, sink]);
            return { form: `${chains} chains a thread`, kernel, groups, amount: operations * groups * THREADS };
          }),
        ),
        bench,
      );
    return {
      copy: await moved((each) => copyShader(each, THREADS), 2 * bytes),
      read: await moved((each) => readShader(each, THREADS), bytes),
      f32: await computed("f32"),
      ...(variants.f16 && { f16: await computed("f16") }),
      ...(variants.packed && { int8: await computed("int8") }),
      bytes,
      clock: hasTimestamps ? "timestamps" : "wall",
    };
  } finally {
    bench.close();
    source.destroy();
    sink.destroy();
  }
}

interface Candidate {
  readonly form: string;
  readonly kernel: Runnable;
  readonly groups: number;
  /** Bytes or operations of one dispatch. */
  readonly amount: number;
}

/** The candidate with the highest median; bytes or operations per nanosecond are 10^9 of them per second. */
async function best(candidates: readonly Candidate[], bench: KernelBench): Promise<Measured> {
  let winner: Measured | undefined;
  for (const { form, kernel, groups, amount } of candidates) {
    const samples = (await bench.nanoseconds(kernel, groups)).map((ns) => amount / ns);
    if (!winner || median(samples) > median(winner.samples)) winner = { samples, form };
  }
  return winner as Measured;
}

interface Runnable {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
}

class KernelBench {
  readonly #device: GPUDevice;
  readonly #repetitions: number;
  readonly #signal: AbortSignal | undefined;
  readonly #queries: { set: GPUQuerySet; resolved: GPUBuffer; readback: GPUBuffer } | undefined;

  constructor(device: GPUDevice, hasTimestamps: boolean, { repetitions, signal }: CeilingOptions) {
    this.#device = device;
    this.#repetitions = repetitions;
    this.#signal = signal;
    this.#queries = hasTimestamps
      ? {
          set: device.createQuerySet({ type: "timestamp", count: 2 }),
          resolved: device.createBuffer({ size: 16, usage: 0x200 | 0x4 }), // QUERY_RESOLVE | COPY_SRC
          readback: device.createBuffer({ size: 16, usage: 0x1 | 0x8 }), // MAP_READ | COPY_DST
        }
      : undefined;
  }

  async kernel(code: string, buffers: readonly GPUBuffer[]): Promise<Runnable> {
    const module = this.#device.createShaderModule({ code });
    const pipeline = await this.#device.createComputePipelineAsync({ layout: "auto", compute: { module } });
    const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const group = this.#device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    return { pipeline, group };
  }

  /** Nanoseconds of one dispatch, so many samples, each from a pass of many dispatches. */
  async nanoseconds(kernel: Runnable, groups: number): Promise<number[]> {
    let count = 1;
    for (let ns = await this.#pass(kernel, groups, 1); ns < PASS_NANOSECONDS && count < 4096; ) {
      count = Math.min(4096, ns > 0 ? Math.ceil((1.2 * PASS_NANOSECONDS * count) / ns) : 16 * count);
      ns = await this.#pass(kernel, groups, count);
    }
    const samples: number[] = [];
    for (let i = 0; i < this.#repetitions; i++) samples.push((await this.#pass(kernel, groups, count)) / count);
    return samples;
  }

  async #pass({ pipeline, group }: Runnable, groups: number, count: number): Promise<number> {
    throwIfAborted(this.#signal);
    const queries = this.#queries;
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginComputePass(
      queries && { timestampWrites: { querySet: queries.set, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } },
    );
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    const y = Math.ceil(groups / MOST_WORKGROUPS);
    for (let i = 0; i < count; i++) pass.dispatchWorkgroups(Math.ceil(groups / y), y);
    pass.end();
    if (queries) {
      encoder.resolveQuerySet(queries.set, 0, 2, queries.resolved, 0);
      encoder.copyBufferToBuffer(queries.resolved, 0, queries.readback, 0, 16);
    }
    const commands = encoder.finish();
    const start = performance.now();
    this.#device.queue.submit([commands]);
    if (!queries) {
      await this.#device.queue.onSubmittedWorkDone();
      return (performance.now() - start) * 1e6;
    }
    await queries.readback.mapAsync(0x1);
    const [from, to] = new BigUint64Array(queries.readback.getMappedRange().slice(0));
    queries.readback.unmap();
    return Number(to - from);
  }

  close(): void {
    this.#queries?.set.destroy();
    this.#queries?.resolved.destroy();
    this.#queries?.readback.destroy();
  }
}
