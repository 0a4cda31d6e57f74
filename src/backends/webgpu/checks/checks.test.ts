import { afterAll, describe, expect, it } from "vitest";
import { tinyModel } from "../../../../test/fixtures.ts";
import { ALL_VARIANTS, modelPrograms, programsOf } from "../../../../test/gpu-programs.ts";
import { tinyModel as oddModel } from "../../../../test/tiny-model.ts";
import { OP_CASES } from "../../cases/index.ts";
import { Gpu } from "../gpu.ts";
import { type Kernel, kernelKind, type Variants } from "../kernel.ts";
import { samplerKernels } from "../kernels/sampling.ts";
import { testDevice, testGpu } from "../testing.ts";
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

/** Subnormal halves taken for zero. */
const FLUSHED = "let h = unpack2x16float(w); return select(h, vec2<f32>(), abs(h) < vec2<f32>(6.1e-5));";

/** Errors as drivers make them, by changes to the shaders: the beginning of a kind, what stands there, what takes its place. */
const ERRORS: readonly (readonly [kind: string, from: string, to: string])[] = [
  ["matvec Q4_K ROWS=4 SUBGROUPS", "subgroupAdd((*sums)[i])", "(*sums)[i]"],
  ["matvec Q4_K ROWS=4 OWN_HALVES ALIGNED", "half > 0u", "half > 1u"],
  ["matvec Q4_K ROWS=4 OWN_HALVES ALIGNED", "chunk += threads", "chunk += 2u * threads"],
  ["matvec Q4_K Q4_K ROWS=2", "exp(min(-gate, 88.0))", "exp(gate)"],
  ["matvec Q6_K ROWS=4", "return unpack2x16float(w);", FLUSHED],
  ["matmul Q5_K", "return unpack2x16float(w);", FLUSHED],
  ["matmul Q4_K ROWS=4 TOKENS=8 PACKED", "dot4I8Packed(a.w, b.w)", "0"],
  ["embed Q4_K", "values[i / 4u][i % 4u]", "values[i / 4u][i & 1u]"],
  ["quantize", "* factor)", "* factor * 0.5)"],
  ["rms_norm", "+ eps)", "+ 0.1)"],
  ["rope_append", "* turn.x - ", "* turn.x + "],
  ["attention_decode HEADS=1 SUBGROUPS", "product += quadSwapY(product);", ""],
  ["attention_decode HEADS=1", "out[h] *= shrinks[h];", ""],
  ["attention_combine", "shares[s] = factor *", "shares[s] ="],
  ["attention_prefill", "block + key <= own", "true"],
  ["pairwise", "1.0 + exp(-x)", "1.0 + exp(x)"],
  ["expert_matmul F32", "routes_stride + pick", "routes_stride"],
  ["expert_sum", "used + n);", "n);"],
  ["route", "logits[high] > logits[low]", "logits[high] < logits[low]"],
  ["argmax", "logits_at + token", "logits_at"],
  ["sample_draw", "0xd2511f53u", "0xd2511f55u"],
];

describe.skipIf(!gpu)("errors on the GPU", { timeout: 120_000 }, () => {
  it.each(ERRORS)("are seen in %s: %s", async (kind, from, to) => {
    const [, kernel] = Array.from(KINDS).find(([name]) => name.startsWith(kind))!;
    let changes = 0;
    const wrong = await Gpu.open(await testGpu(), {}, (code) => {
      changes += code.split(from).length - 1;
      return code.replaceAll(from, to);
    });
    expect(await faultOf(wrong, kernel)).toMatch(/found|chose/);
    expect(changes).toBeGreaterThan(0);
    wrong.close();
  });
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
