import type { RopeParams } from "../../core/graph.ts";
import { fillRotation } from "../graph-utils/rotation.ts";

/** A rotation table in the step buffer. */
export interface Rotation {
  readonly rope: RopeParams;
  /** Its first word. */
  readonly at: number;
  /** Divisors of the frequencies, once they are loaded. */
  divisors(): Float32Array | undefined;
}

const HEADER_WORDS = 4;

/**
 * What changes from run to run, in one buffer (shaders/lib/step.wgsl): position, counts, the rows whose logits are
 * wanted, and the sines and cosines of the run's positions.
 */
export class StepBuffer {
  readonly buffer: GPUBuffer;
  readonly #device: GPUDevice;
  readonly #words: Uint32Array<ArrayBuffer>;
  readonly #floats: Float32Array<ArrayBuffer>;
  readonly #rotations: readonly Rotation[];

  constructor(device: GPUDevice, buffer: GPUBuffer, rotations: readonly Rotation[]) {
    this.#device = device;
    this.buffer = buffer;
    this.#rotations = rotations;
    this.#words = new Uint32Array(buffer.size / 4);
    this.#floats = new Float32Array(this.#words.buffer);
  }

  write(position: number, tokens: number, outputs: readonly number[]): void {
    this.#words.set([position, tokens, outputs.length, 0, ...outputs]);
    const { queue } = this.#device;
    queue.writeBuffer(this.buffer, 0, this.#words, 0, HEADER_WORDS + outputs.length);
    for (const { rope, at, divisors } of this.#rotations) {
      const length = tokens * rope.rotaryDims;
      fillRotation(this.#floats.subarray(at, at + length), rope, divisors(), position, tokens);
      queue.writeBuffer(this.buffer, at * 4, this.#words, at, length);
    }
  }
}

/** First words of the tables of these rotations, and the size of the whole. */
export function stepLayout(batch: number, ropes: readonly RopeParams[]): { at: number[]; bytes: number } {
  let word = HEADER_WORDS + batch;
  const at = ropes.map((rope) => {
    const first = word;
    word += batch * rope.rotaryDims;
    return first;
  });
  return { at, bytes: word * 4 };
}
