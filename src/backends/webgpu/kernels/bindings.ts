import type { View } from "../views.ts";

/**
 * WebGPU lets no dispatch bind a buffer for reading that it also binds for writing. An input that lies in the written
 * buffer is therefore read through that binding (the shader is told by `<NAME>_IN_OUT`); its own binding, which the shader
 * then leaves alone, gets `spare`, any buffer that is only read.
 */
export function inputBindings(
  out: GPUBuffer,
  inputs: Readonly<Record<string, GPUBuffer>>,
  spare: GPUBuffer,
): { defines: string[]; buffers: GPUBuffer[] } {
  const entries = Object.entries(inputs);
  return {
    defines: entries.filter(([, buffer]) => buffer === out).map(([name]) => `${name.toUpperCase()}_IN_OUT`),
    buffers: entries.map(([, buffer]) => (buffer === out ? spare : buffer)),
  };
}

/** Where views lie, as constants of a kernel: `x_at`, `x_stride` for the view `x`. */
export function placeConstants(views: Readonly<Record<string, View>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(views).flatMap(([name, { offset, stride }]) => [
      [`${name}_at`, offset],
      [`${name}_stride`, stride],
    ]),
  );
}
