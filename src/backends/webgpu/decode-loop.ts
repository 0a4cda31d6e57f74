import { throwIfAborted, WebggufError } from "../../core/errors.ts";
import { deviceLost, type Gpu } from "./gpu.ts";

/** What a step does. Steps are numbered from 0; step s runs on the device after step s − 1. */
export interface DecodeStep {
  /** Queues what must be on the device before the step runs and is known beforehand, such as its position. */
  prepare?(step: number): void;
  /** Adds the step's dispatches, the sampler's last. They leave one word in the results. */
  encode(pass: GPUComputePassEncoder, step: number): void;
  /** The token that a word of the results stands for; throws for one that stands for none. */
  token(word: number): number;
}

export interface DecodeRun {
  /** Most tokens to give out, so most steps to run. */
  readonly maximum: number;
  /** Whether the answer ends with this token, which is still given out. */
  stop?(token: number): boolean;
  readonly signal?: AbortSignal;
}

export interface DecodeCounters {
  /** Steps submitted, with those whose tokens were dropped. */
  steps: number;
  bytesRead: number;
  /** Made through `Gpu` while steps were under way. */
  buffersCreated: number;
  bindGroupsCreated: number;
}

const MAP_READ = 0x1;
const COPY_DST = 0x8;
const WORD = 4;

/** Runs decode steps ahead of their results: one command buffer a step, one word read back. */
export class DecodeLoop {
  readonly counters: DecodeCounters = { steps: 0, bytesRead: 0, buffersCreated: 0, bindGroupsCreated: 0 };
  readonly #gpu: Gpu;
  readonly #results: GPUBuffer;
  readonly #readbacks: readonly GPUBuffer[];
  #busy = false;

  /**
   * `results`: a ring of words; step s leaves its word at s modulo their number. `inFlight`: most steps submitted whose
   * tokens have not been given out.
   */
  constructor(gpu: Gpu, results: GPUBuffer, inFlight = 3) {
    this.#gpu = gpu;
    this.#results = results;
    this.#readbacks = Array.from({ length: inFlight }, (_, i) =>
      gpu.device.createBuffer({ label: `readback ${i}`, size: WORD, usage: MAP_READ | COPY_DST }),
    );
  }

  /**
   * The tokens, one after another. The next steps run while a token is with the caller. However the iteration ends, it has
   * waited for the steps in flight by then; their tokens are dropped.
   * Throws `aborted`, `device-lost`, what `step.token` throws, and `busy` while another run is under way.
   */
  async *run(step: DecodeStep, { maximum, stop, signal }: DecodeRun): AsyncGenerator<number, void, undefined> {
    if (this.#busy) throw new WebggufError("busy", "A run of decode steps is under way; end it first.");
    this.#busy = true;
    const { created } = this.#gpu;
    const before = { ...created };
    const inFlight: Promise<number>[] = [];
    let submitted = 0;
    const fill = () => {
      while (inFlight.length < this.#readbacks.length && submitted < maximum) {
        const word = this.#submit(step, submitted++);
        word.catch(() => {});
        inFlight.push(word);
      }
    };
    try {
      for (let count = 0; count < maximum; count++) {
        throwIfAborted(signal);
        fill();
        const token = step.token(await inFlight[0]);
        inFlight.shift();
        throwIfAborted(signal);
        const last = stop?.(token) ?? false;
        if (!last) fill();
        yield token;
        if (last) return;
      }
    } finally {
      await Promise.allSettled(inFlight);
      this.counters.buffersCreated += created.buffers - before.buffers;
      this.counters.bindGroupsCreated += created.bindGroups - before.bindGroups;
      this.#busy = false;
    }
  }

  /** Frees the readback buffers. A run must have ended. */
  close(): void {
    for (const buffer of this.#readbacks) buffer.destroy();
  }

  /** Submits a step; resolves to the word it leaves. */
  async #submit(step: DecodeStep, index: number): Promise<number> {
    const { device } = this.#gpu;
    const readback = this.#readbacks[index % this.#readbacks.length];
    step.prepare?.(index);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    step.encode(pass, index);
    pass.end();
    const at = (index % (this.#results.size / WORD)) * WORD;
    encoder.copyBufferToBuffer(this.#results, at, readback, 0, WORD);
    device.queue.submit([encoder.finish()]);
    this.counters.steps++;
    try {
      await readback.mapAsync(MAP_READ);
    } catch (cause) {
      throw await this.#explained(cause);
    }
    const [word] = new Uint32Array(readback.getMappedRange());
    readback.unmap();
    this.counters.bytesRead += WORD;
    return word;
  }

  async #explained(cause: unknown): Promise<WebggufError> {
    const lost = await this.#gpu.loss();
    if (lost) return deviceLost(lost, cause);
    return new WebggufError("internal", `A token could not be read back: ${String(cause)}`, { cause });
  }
}
