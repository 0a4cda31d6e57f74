/** Counts the bytes of all buffers there are, by watching them made and destroyed; loading's staging buffers are among them. */
export class BufferWatch {
  #live = 0;
  #peak = 0;
  readonly #sizes = new Map<GPUBuffer, number>();
  readonly #createBuffer = GPUDevice.prototype.createBuffer;
  readonly #destroy = GPUBuffer.prototype.destroy;

  constructor() {
    const watch = this;
    GPUDevice.prototype.createBuffer = function (this: GPUDevice, descriptor) {
      const buffer = watch.#createBuffer.call(this, descriptor);
      watch.#sizes.set(buffer, buffer.size);
      watch.#live += buffer.size;
      watch.#peak = Math.max(watch.#peak, watch.#live);
      return buffer;
    };
    GPUBuffer.prototype.destroy = function (this: GPUBuffer) {
      watch.#live -= watch.#sizes.get(this) ?? 0;
      watch.#sizes.delete(this);
      return watch.#destroy.call(this);
    };
  }

  /** The most bytes there were at a time since the watch began. */
  get peak(): number {
    return this.#peak;
  }

  end(): void {
    GPUDevice.prototype.createBuffer = this.#createBuffer;
    GPUBuffer.prototype.destroy = this.#destroy;
  }
}
