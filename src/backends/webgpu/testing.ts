import type { OpCase, Rounding } from "../cases/index.ts";
import { PACKED_TYPES } from "./formats.ts";
import { Gpu } from "./gpu.ts";
import type { Dispatch, Variants } from "./kernel.ts";

/** Kept, since Dawn ends the process when its GPU object is collected before its devices are. */
let dawn: GPU | undefined;

/**
 * The GPU that tests can use: the browser's, or in Node that of Dawn's package `webgpu`, which the project does not
 * install; WEBGPU_PACKAGE says where it is. Undefined where there is none.
 */
export async function testGpu(): Promise<GPU | undefined> {
  if (globalThis.navigator?.gpu) return navigator.gpu;
  const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
  const place = process?.env.WEBGPU_PACKAGE;
  if (!place) return undefined;
  const { create, globals } = await import(/* @vite-ignore */ `${place}/index.js`);
  Object.assign(globalThis, globals);
  dawn ??= create([]) as GPU;
  return dawn;
}

/** A device with variants switched off as `forced` says, or undefined where there is no GPU. */
export async function testDevice(forced: Partial<Variants> = {}): Promise<Gpu | undefined> {
  const gpu = await testGpu();
  return gpu && Gpu.open(gpu, forced);
}

/** What a case's activations may be rounded to in products with these variants. */
export const roundingOf = ({ dtype }: OpCase, { packed, f16 }: Variants): Rounding =>
  packed && dtype && PACKED_TYPES.has(dtype) ? "int8" : f16 ? "f16" : "f32";

export const upload = (gpu: Gpu, data: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>, label = "input") => {
  const buffer = gpu.storage(data.byteLength, label);
  gpu.device.queue.writeBuffer(buffer, 0, data);
  return buffer;
};

export async function download(gpu: Gpu, buffer: GPUBuffer): Promise<ArrayBuffer> {
  const copy = gpu.device.createBuffer({ size: buffer.size, usage: 0x1 | 0x8 }); // MAP_READ | COPY_DST
  const encoder = gpu.device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
  gpu.device.queue.submit([encoder.finish()]);
  await copy.mapAsync(0x1);
  const bytes = copy.getMappedRange().slice(0);
  copy.destroy();
  return bytes;
}

/** Runs dispatches one after another in one pass. */
export async function runDispatches(gpu: Gpu, dispatches: readonly Dispatch[], rows = 1): Promise<void> {
  const bound = await Promise.all(dispatches.map((d) => gpu.bind(d)));
  gpu.device.pushErrorScope("validation");
  const encoder = gpu.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (const b of bound) gpu.encode(pass, b, rows);
  pass.end();
  gpu.device.queue.submit([encoder.finish()]);
  const error = await gpu.device.popErrorScope();
  if (error) throw new Error(error.message);
}
