import { afterAll, describe, expect, it } from "vitest";
import { tinyModel } from "../../../../test/fixtures.ts";
import { ALL_VARIANTS, modelPrograms, programsOf } from "../../../../test/gpu-programs.ts";
import { tinyModel as oddModel } from "../../../../test/tiny-model.ts";
import { OP_CASES } from "../../cases/index.ts";
import { type Kernel, kernelKind, type Variants } from "../kernel.ts";
import { samplerKernels } from "../kernels/sampling.ts";
import { testDevice } from "../testing.ts";
import type { CaseBuffers } from "./case.ts";
import { faultIn } from "./case.ts";
import { caseFor, faultOf } from "./index.ts";

const VARIANTS: readonly Variants[] = [
  ALL_VARIANTS,
  { ...ALL_VARIANTS, packed: false },
  { subgroups: false, f16: false, packed: false, ownHalves: true },
];

/** A kernel of every kind that the op cases and the tiny models take, by kind. */
async function kinds(): Promise<Map<string, Kernel>> {
  const all = new Map<string, Kernel>();
  const add = (kernels: readonly Kernel[]) => {
    for (const kernel of kernels) all.set(kernelKind(kernel), kernel);
  };
  for (const variants of VARIANTS) {
    const programs = [
      ...OP_CASES.map(({ graph, options }) => programsOf(graph, options, variants)),
      await modelPrograms(oddModel({ architecture: "llama", mixture: { experts: 4, used: 2 } }).file, variants),
      await modelPrograms(oddModel({ architecture: "llama", biases: "all" }).file, variants),
      await modelPrograms(tinyModel({ architecture: "llama", dtype: "Q4_K" }), variants),
      await modelPrograms(tinyModel({ architecture: "qwen2", mix: "Q4_K_M" }), variants),
      await modelPrograms(tinyModel({ architecture: "qwen3", dtype: "F16" }), variants),
    ];
    for (const { one, batch } of programs) add([...one, ...batch].map(({ dispatch }) => dispatch.kernel));
  }
  add([...samplerKernels(0, true), ...samplerKernels(0, false)]);
  return all;
}

const KINDS = await kinds();

describe("cases", () => {
  const pretended: CaseBuffers = {
    storage: (bytes) => ({ size: bytes }) as GPUBuffer,
    upload: (data) => ({ size: data.byteLength }) as GPUBuffer,
  };

  it("have the kernel in question among their dispatches, for every kind there is", () => {
    expect(KINDS.size).toBeGreaterThan(100);
    for (const [kind, kernel] of KINDS) {
      const { dispatches, results } = caseFor(kernel, pretended);
      expect(dispatches.map((d) => kernelKind(d.kernel))).toContain(kind);
      expect(results.length).toBeGreaterThan(0);
      for (const { buffer, fault } of results) {
        // What a kernel leaves that does nothing.
        expect(fault(new ArrayBuffer(Math.max(16, buffer.size))), kind).toBeDefined();
      }
    }
  });

  it("tell the number that is farthest off", () => {
    expect(faultIn([1, 2, 3], [1, 2, 3], 0)).toBeUndefined();
    expect(faultIn([1, 2.001, 3], [1, 2, 3], 1e-2)).toBeUndefined();
    expect(faultIn([1, 2.1, 3.2], [1, 2, 3], 1e-2)).toBe("found 3.2000 where 3.0000 was expected");
    expect(faultIn([1, Number.NaN, 9], [1, 2, 3], 1e-2)).toBe("found NaN where 2.0000 was expected");
    expect(faultIn([1, 2], [1, 2, 3], 1e-2)).toBe("found NaN where 3.0000 was expected");
  });
});

const gpu = await testDevice();

/** A software adapter compiles a kernel for seconds: one of each file and set of flags, of one type, unless WEBGGUF_GPU=all. */
const PART = Array.from(KINDS).filter(([, { weights, file }], i, all) => {
  if (globalThis.process?.env.WEBGGUF_GPU === "all") return true;
  const typical = weights.every((dtype) => dtype === "F32" || dtype === "Q4_K");
  return typical && all.findIndex(([, other]) => other.file === file && other.weights.join() === weights.join()) === i;
});

describe.skipIf(!gpu)("cases on the GPU", { timeout: 120_000 }, () => {
  const device = gpu!;
  afterAll(() => device.close());

  const variants = gpu?.variants ?? ALL_VARIANTS;
  const runs = ({ defines }: Kernel) =>
    (variants.f16 || !defines.includes("F16")) &&
    (variants.subgroups || !defines.includes("SUBGROUPS")) &&
    (variants.packed || !defines.includes("PACKED"));

  it.each(PART.filter(([, kernel]) => runs(kernel)))("%s is right", async (_, kernel) => {
    expect(await faultOf(device, kernel)).toBeUndefined();
  });
});
