import { WebggufError } from "../../core/errors.ts";
import type { CompileOptions, PlanMemory } from "../backend.ts";

export type Allocation = "weights" | "kv" | "scratch";

const STORAGE = 0x80 | 0x8 | 0x4; // STORAGE | COPY_DST | COPY_SRC
const READBACK = 0x1 | 0x8; // MAP_READ | COPY_DST

/** Every buffer of a plan, counted by kind and freed together. */
export class BufferLedger {
  readonly #device: GPUDevice;
  readonly #buffers: GPUBuffer[] = [];
  readonly #bytes = { weights: 0, kv: 0, scratch: 0 };
  #closed = false;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** A storage buffer of zeros. Throws `out-of-memory` when it is larger than the device can bind, `closed` after `destroy`. */
  storage(kind: Allocation, bytes: number, label: string): GPUBuffer {
    if (this.#closed) throw new WebggufError("closed", "The model is closed.");
    const size = Math.max(16, Math.ceil(bytes / 16) * 16);
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits;
    const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    if (size > most) {
      const advice = kind === "kv" ? "Choose a shorter context or a smaller K/V type" : "Use the CPU path";
      throw new WebggufError(
        "out-of-memory",
        `"${label}" takes ${megabytes(size)}; this GPU allows ${megabytes(most)} for one buffer. ${advice}.`,
      );
    }
    this.#bytes[kind] += size;
    return this.#keep(this.#device.createBuffer({ label, size, usage: STORAGE }));
  }

  readback(bytes: number): GPUBuffer {
    const size = Math.max(16, Math.ceil(bytes / 16) * 16);
    this.#bytes.scratch += size;
    return this.#keep(this.#device.createBuffer({ label: "readback", size, usage: READBACK }));
  }

  /** Makes buffers; throws `out-of-memory`, with what was asked for, when the device had no room for them all. */
  async guarded<T>(make: () => T, { contextLength, cacheType }: CompileOptions): Promise<T> {
    this.#device.pushErrorScope("out-of-memory");
    this.#device.pushErrorScope("validation");
    let made: T | undefined;
    let failure: unknown;
    try {
      made = make();
    } catch (error) {
      failure = error;
    }
    // Both before anything else can push a scope of its own.
    const [invalid, full] = await Promise.all([this.#device.popErrorScope(), this.#device.popErrorScope()]);
    if (failure) throw failure;
    if (full) {
      const { weights, kv, scratch } = this.#bytes;
      throw new WebggufError(
        "out-of-memory",
        `The GPU has no room for this model: ${megabytes(weights)} of weights, ${megabytes(kv)} of K/V cache ` +
          `(${contextLength} tokens of ${cacheType}) and ${megabytes(scratch)} for computing. ` +
          "Choose a shorter context, a smaller K/V type or a smaller model, or use the CPU path.",
      );
    }
    if (invalid) throw new WebggufError("internal", `The GPU refused a buffer: ${invalid.message}`);
    return made as T;
  }

  memory(): PlanMemory {
    return { ...this.#bytes };
  }

  destroy(): void {
    this.#closed = true;
    for (const buffer of this.#buffers) buffer.destroy();
    this.#buffers.length = 0;
  }

  #keep(buffer: GPUBuffer): GPUBuffer {
    this.#buffers.push(buffer);
    return buffer;
  }
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6).toLocaleString("en")} MB`;
