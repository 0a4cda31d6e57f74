/** Buffers that live from one dispatch of a step to its next. Every step uses the same ones. */
export class Scratch {
  readonly #allocate: (bytes: number, label: string) => GPUBuffer;
  readonly #buffers: GPUBuffer[] = [];
  readonly #taken = new Set<GPUBuffer>();

  constructor(allocate: (bytes: number, label: string) => GPUBuffer) {
    this.#allocate = allocate;
  }

  /** What earlier steps took is free again. */
  nextStep(): void {
    this.#taken.clear();
  }

  /** Gives a function that makes free again what is taken from now on. */
  checkpoint(): () => void {
    const before = [...this.#taken];
    return () => {
      this.#taken.clear();
      for (const buffer of before) this.#taken.add(buffer);
    };
  }

  take(bytes: number, label: string): GPUBuffer {
    let buffer = this.#buffers.find((b) => b.size >= bytes && !this.#taken.has(b));
    if (!buffer) {
      buffer = this.#allocate(bytes, label);
      this.#buffers.push(buffer);
    }
    this.#taken.add(buffer);
    return buffer;
  }
}
