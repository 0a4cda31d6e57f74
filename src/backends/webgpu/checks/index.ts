import { isWebggufError, WebggufError } from "../../../core/errors.ts";
import { deviceLost, type Gpu } from "../gpu.ts";
import type { Kernel } from "../kernel.ts";
import { attentionDecodeCase, attentionPrefillCase } from "./attention.ts";
import type { CaseBuffers, KernelCase, MakeCase } from "./case.ts";
import { expertCase, matmulCase, matvecCase, quantizeCase } from "./products.ts";
import { ropeCase } from "./rope.ts";
import {
  embedCase,
  expertSumCase,
  layerNormCase,
  pairwiseCase,
  rmsNormCase,
  routeCase,
  selectOutputsCase,
} from "./rows.ts";
import { drawCase, greedyCase } from "./sampling.ts";

const CASES: Readonly<Record<string, MakeCase>> = {
  argmax: greedyCase,
  attention_combine: attentionDecodeCase,
  attention_decode: attentionDecodeCase,
  attention_prefill: attentionPrefillCase,
  embed: embedCase,
  expert_matmul: expertCase,
  expert_sum: expertSumCase,
  layer_norm: layerNormCase,
  matmul: matmulCase,
  matvec: matvecCase,
  pairwise: pairwiseCase,
  quantize: quantizeCase,
  rms_norm: rmsNormCase,
  rope_append: ropeCase,
  route: routeCase,
  sample_draw: drawCase,
  sample_greedy: greedyCase,
  sample_top_k: drawCase,
  select_outputs: selectOutputsCase,
};

/** A small case for kernels of this kind. Throws `internal` where the table has none. */
export function caseFor(kernel: Kernel, buffers: CaseBuffers): KernelCase {
  const make = CASES[kernel.file.replace(/^ops\/|\.wgsl$/g, "")];
  if (!make) throw new WebggufError("internal", `There is no check for ${kernel.file}.`);
  return make(kernel, buffers);
}

/** Characters; compilers tell a lot. */
const LONGEST_FAULT = 300;
const MAP_READ = 0x1;
const COPY_DST = 0x8;

/**
 * Compiles the kernel for a small case, runs it, and compares. Resolves to what is wrong, for people, or undefined. Throws
 * `out-of-memory` or `device-lost` where nothing can be said about the kernel.
 */
export async function faultOf(gpu: Gpu, kernel: Kernel): Promise<string | undefined> {
  const { device } = gpu;
  const made: GPUBuffer[] = [];
  const keep = (buffer: GPUBuffer) => {
    made.push(buffer);
    return buffer;
  };
  const buffers: CaseBuffers = {
    storage: (bytes) => keep(gpu.storage(bytes, "check")),
    upload(data) {
      const buffer = keep(gpu.storage(data.byteLength, "check"));
      device.queue.writeBuffer(buffer, 0, data);
      return buffer;
    },
  };
  try {
    device.pushErrorScope("out-of-memory");
    const { dispatches, rows, results } = caseFor(kernel, buffers);
    const copies = results.map(({ buffer }) =>
      keep(device.createBuffer({ size: buffer.size, usage: MAP_READ | COPY_DST })),
    );
    if (await device.popErrorScope()) {
      throw new WebggufError("out-of-memory", "The GPU has no room for checking kernels beside this model.");
    }
    const bound = await Promise.all(dispatches.map((dispatch) => gpu.bind(dispatch)));
    device.pushErrorScope("validation");
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const dispatch of bound) gpu.encode(pass, dispatch, rows);
    pass.end();
    results.forEach(({ buffer }, i) => {
      encoder.copyBufferToBuffer(buffer, 0, copies[i], 0, buffer.size);
    });
    device.queue.submit([encoder.finish()]);
    const invalid = await device.popErrorScope();
    if (gpu.lost) throw deviceLost(gpu.lost);
    if (invalid) return invalid.message.slice(0, LONGEST_FAULT);
    for (const [i, copy] of copies.entries()) {
      await copy.mapAsync(MAP_READ).catch((cause) => {
        throw deviceLost(gpu.lost ?? { message: "" }, cause);
      });
      const fault = results[i].fault(copy.getMappedRange().slice(0));
      if (fault) return fault;
    }
    return undefined;
  } catch (error) {
    const lost = await gpu.loss();
    if (lost) throw deviceLost(lost, error);
    if (isWebggufError(error, "internal")) return error.message.slice(0, LONGEST_FAULT);
    throw error;
  } finally {
    for (const buffer of made) buffer.destroy();
  }
}
