import { throwIfAborted } from "../../core/errors.ts";
import { deviceLost, type Gpu } from "./gpu.ts";

/** Waits for `work`; rejects at once with `aborted` or `device-lost`, whatever becomes of the work. */
export async function orStopped<T>(gpu: Gpu, work: Promise<T>, signal?: AbortSignal): Promise<T> {
  const check = () => {
    if (gpu.lost) throw deviceLost(gpu.lost);
    throwIfAborted(signal);
  };
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
    signal?.addEventListener("abort", stop, { once: true });
  });
  try {
    work.catch(() => {});
    check();
    await Promise.race([work, stopped, gpu.device.lost]);
    check();
    return await work;
  } catch (error) {
    check();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
