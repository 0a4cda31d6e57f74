import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SamplingOptions } from "../../../core/api.ts";
import { Candidates } from "../../../sampling/candidates.ts";
import { SamplerChain } from "../../../sampling/chain.ts";
import { minP, topK, topP, typicalP } from "../../../sampling/filters.ts";
import { argmax } from "../../../sampling/greedy.ts";
import { resolveSampling } from "../../../sampling/options.ts";
import { Penalties } from "../../../sampling/penalties.ts";
import { Random } from "../../../sampling/random.ts";
import type { Gpu } from "../gpu.ts";
import { GpuSampler, samplerBuffers } from "../sampler.ts";
import { download, testDevice, testGpu, upload } from "../testing.ts";
import { checkedToken, gpuCanSample, samplerWords } from "./sampling.ts";

const hasGpu = (await testGpu()) !== undefined;

/** Numbers in -12 … 12, rounded to `step` so that some are equal. */
function someLogits(size: number, seed: number, step = 1e-4): Float32Array<ArrayBuffer> {
  const random = new Random(seed);
  return Float32Array.from({ length: size }, () => Math.round((random.next() * 24 - 12) / step) * step);
}

/** Probabilities by token that the samplers of the CPU give, for logits that have bias and penalties. */
function sharesOf(logits: Float32Array, options: SamplingOptions): Float64Array {
  const settings = resolveSampling(options, logits.length);
  const candidates = new Candidates(logits.length);
  candidates.load(logits);
  topK(candidates, settings.topK);
  typicalP(candidates, settings.typicalP);
  topP(candidates, settings.topP);
  minP(candidates, settings.minP);
  const total = candidates.weigh(settings.temperature);
  const shares = new Float64Array(logits.length);
  for (let i = 0; i < candidates.size; i++) shares[candidates.ids[i]] = candidates.weights[i] / total;
  return shares;
}

/** The first word of Philox4x32-10 (Salmon et al. 2011) for a counter and a key of which one word each is not 0. */
function philox(counter: number, key: number): number {
  let c = [counter, 0, 0, 0];
  let k = [key, 0];
  for (let round = 0; round < 10; round++) {
    const x = BigInt(c[0]) * 0xd2511f53n;
    const z = BigInt(c[2]) * 0xcd9e8d57n;
    const [xl, xh, zl, zh] = [x & 0xffffffffn, x >> 32n, z & 0xffffffffn, z >> 32n].map(Number);
    c = [(zh ^ c[1] ^ k[0]) >>> 0, zl, (xh ^ c[3] ^ k[1]) >>> 0, xl];
    k = [(k[0] + 0x9e3779b9) >>> 0, (k[1] + 0xbb67ae85) >>> 0];
  }
  return c[0];
}

it("Philox gives Random123's known answer", () => expect(philox(0, 0)).toBe(0x6627e8d5));

/** ln Γ(x) by Stirling's series, good to 1e-9 from x = 1/2 on by way of the recurrence. */
function lnGamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < 10; y++) shift -= Math.log(y);
  return shift + (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * y) - 1 / (360 * y ** 3);
}

/** The probability of a chi-square statistic at least this large: the regularised upper incomplete gamma function. */
function chiSquareTail(statistic: number, freedom: number): number {
  const a = freedom / 2;
  const x = statistic / 2;
  if (x === 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - lnGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < 10_000 && term > sum * 1e-15; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - sum * scale;
  }
  // Lentz's continued fraction.
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < 10_000; n++) {
    b += 2;
    const step = -n * (n - a);
    d = 1 / (step * d + b);
    c = b + step / c;
    h *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return h * scale;
}

/** The p-value of counts against shares; tokens that are expected fewer than five times are counted together. */
function goodness(counts: ArrayLike<number>, shares: Float64Array, draws: number): number {
  let statistic = 0;
  let cells = 0;
  let rareExpected = 0;
  let rareFound = 0;
  shares.forEach((share, token) => {
    if (share === 0) {
      if (counts[token] > 0) statistic = Infinity;
    } else if (share * draws < 5) {
      rareExpected += share * draws;
      rareFound += counts[token];
    } else {
      statistic += (counts[token] - share * draws) ** 2 / (share * draws);
      cells++;
    }
  });
  if (rareExpected >= 1) {
    statistic += (rareFound - rareExpected) ** 2 / rareExpected;
    cells++;
  }
  if (!Number.isFinite(statistic)) return 0;
  return cells < 2 ? 1 : chiSquareTail(statistic, cells - 1);
}

it("chi-square tails are those of the tables", () => {
  expect(chiSquareTail(3.841, 1)).toBeCloseTo(0.05, 4);
  expect(chiSquareTail(24.322, 7)).toBeCloseTo(0.001, 5);
  expect(chiSquareTail(99.334, 100)).toBeCloseTo(0.5, 3);
});

describe("gpuCanSample", () => {
  const settings = resolveSampling({ seed: 1 }, 1000);
  it("takes up to 256 candidates, and any settings that are greedy", () => {
    expect(gpuCanSample(settings, 1000)).toBe(true);
    expect(gpuCanSample({ ...settings, topK: 256 }, 1000)).toBe(true);
    expect(gpuCanSample({ ...settings, topK: 257 }, 1000)).toBe(false);
    expect(gpuCanSample({ ...settings, topK: 0 }, 1000)).toBe(false);
    expect(gpuCanSample({ ...settings, topK: 0 }, 256)).toBe(true);
    expect(gpuCanSample({ ...settings, topK: 0, temperature: 0 }, 1000)).toBe(true);
    expect(gpuCanSample({ ...settings, topK: 0, temperature: 0, typicalP: 0.9 }, 1000)).toBe(false);
  });
  it("settings are written with what is off switched off", () => {
    const words = samplerWords({ ...settings, minP: 0, repeatLastN: -1, presencePenalty: 1, seed: -1 }, 1000, 77);
    expect([...words.subarray(0, 2), ...words.subarray(9, 12)]).toEqual([1, 40, 77, 0xffffffff, 0xffffffff]);
    expect(new Float32Array(words.buffer)[4]).toBeLessThan(-1e29);
  });
});

describe.skipIf(!hasGpu)("on the GPU", () => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = (await testDevice()) as Gpu;
  });
  afterAll(() => gpu?.close());

  /** Draws `count` tokens from the same logits, all in one submit. */
  async function words(
    logits: Float32Array<ArrayBuffer>,
    options: SamplingOptions,
    { count = 1, history = [] as number[], vocabulary = logits.length, offset = 0 } = {},
  ): Promise<number[]> {
    const buffer = upload(gpu, logits);
    const tokens = gpu.storage(16, "tokens");
    const own = samplerBuffers(vocabulary, 100, gpu.storage.bind(gpu), count);
    const sampler = await GpuSampler.create(gpu, {
      logits: { buffer, offset, stride: vocabulary },
      vocabulary,
      contextLength: 100,
      buffers: { ...own, tokens },
    });
    gpu.device.pushErrorScope("validation");
    sampler.begin(resolveSampling({ seed: 1, ...options }, vocabulary), history);
    const encoder = gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < count; i++) sampler.encode(pass);
    pass.end();
    gpu.device.queue.submit([encoder.finish()]);
    const results = [...new Uint32Array(await download(gpu, own.results)).subarray(0, count)];
    const [next] = new Uint32Array(await download(gpu, tokens));
    expect(await gpu.device.popErrorScope()).toBeNull();
    const last = results[count - 1];
    expect(next).toBe(last < vocabulary ? last : 0);
    for (const each of [buffer, tokens, ...Object.values(own)]) each.destroy();
    return results;
  }

  const counted = (found: number[], size: number) => {
    const counts = new Array<number>(size).fill(0);
    for (const token of found) counts[token]++;
    return counts;
  };

  describe("greedy", () => {
    it.each([1, 2, 32, 1000, 2048, 2049, 32_000, 152_064])("takes the likeliest of %i", async (size) => {
      const logits = someLogits(size, size);
      expect(await words(logits, { temperature: 0 })).toEqual([argmax(logits)]);
    });

    it("takes the first of equal ones, whichever slice they are in", async () => {
      const logits = someLogits(9000, 3, 8);
      expect(await words(logits, { temperature: 0 })).toEqual([argmax(logits)]);
      const zeros = new Float32Array(5000);
      zeros.fill(-0, 0, 4000);
      expect(await words(zeros, { temperature: 0 })).toEqual([0]);
      expect(await words(zeros.fill(-1).fill(-0.5, 4500), { temperature: 0 })).toEqual([4500]);
    });

    it("looks at its row only, and at no number beyond the vocabulary", async () => {
      const logits = new Float32Array(3000).fill(9);
      logits.set(someLogits(1000, 5), 1000);
      const expected = argmax(logits.subarray(1000, 2000));
      expect(await words(logits, { temperature: 0 }, { vocabulary: 1000, offset: 1000 })).toEqual([expected]);
    });

    it("tells what is no number or leaves nothing, as the CPU does", async () => {
      for (const bad of [Number.NaN, -Number.NaN, Infinity]) {
        const logits = someLogits(3000, 6);
        logits[2500] = bad;
        for (const temperature of [0, 1]) {
          const [word] = await words(logits, { temperature });
          expect(() => checkedToken(word)).toThrow(/not a list of numbers/);
        }
      }
      for (const temperature of [0, 1]) {
        const [word] = await words(new Float32Array(3000).fill(-Infinity), { temperature });
        expect(() => checkedToken(word)).toThrow(/No token can follow/);
      }
    });

    it("adds bias, and penalises the tokens of the history and those of the steps since", async () => {
      const logits = someLogits(3000, 8);
      const cases: SamplingOptions[] = [
        { logitBias: { [argmax(logits)]: -Infinity, 17: 11.5 } },
        { presencePenalty: 0.01, frequencyPenalty: 0.004, repeatLastN: 5 },
        { repeatPenalty: 1.05, repeatLastN: -1 },
        { repeatPenalty: 1.3, frequencyPenalty: 0.1, repeatLastN: 8, logitBias: { 4: 20, 2999: 19 } },
        { repeatPenalty: 1.3, repeatLastN: 0 },
      ];
      const history = [4, 4, 2999, 5, 6, 7, argmax(logits), 4, 9, 10, 11];
      for (const options of cases) {
        const chain = new SamplerChain({ temperature: 0, ...options }, 3000, 100);
        for (const token of history) chain.accept(token);
        const expected = Array.from({ length: 40 }, () => {
          const token = chain.sample(logits);
          chain.accept(token);
          return token;
        });
        expect(await words(logits, { temperature: 0, ...options }, { count: 40, history })).toEqual(expected);
      }
    });
  });

  describe("top-k", () => {
    // So warm that all candidates are as likely: the random word says which place of the order is drawn.
    const flat: SamplingOptions = { temperature: 1e6, topP: 1, minP: 0 };

    it.each([
      [1, 40, 1],
      [32, 40, 0.5],
      [1000, 1, 1e-4],
      [1000, 40, 1e-4],
      [9000, 40, 1],
      [20_000, 256, 1e-4],
      [32_000, 100, 3],
      [152_064, 40, 1e-4],
    ])("of %i tokens finds the %i that the CPU finds, in that order (steps of %f)", async (size, k, step) => {
      const logits = someLogits(size, size + k, step);
      const candidates = new Candidates(size);
      candidates.load(logits);
      topK(candidates, k);
      const count = size > 100_000 ? 6 : 30;
      const found = await words(logits, { ...flat, topK: k, seed: size }, { count });
      expect(found).toEqual(
        Array.from({ length: count }, (_, draw) => {
          return candidates.ids[Math.floor(((philox(draw, size) >>> 8) / 2 ** 24) * candidates.size)];
        }),
      );
    });

    it("keeps the first of a vocabulary of equal ones", async () => {
      const found = await words(new Float32Array(6000), { ...flat, topK: 4 }, { count: 40 });
      expect([...new Set(found)].sort()).toEqual([0, 1, 2, 3]);
    });
  });

  describe("draws", () => {
    const draws = 1000;
    const settings: [string, SamplingOptions][] = [
      ["the defaults", {}],
      ["temperature only", { topK: 0, topP: 1, minP: 0, temperature: 1 }],
      ["top-k", { topK: 7, topP: 1, minP: 0, temperature: 1.3 }],
      ["top-p", { topK: 0, topP: 0.7, minP: 0, temperature: 1 }],
      ["min-p", { topK: 0, topP: 1, minP: 0.2, temperature: 2 }],
      ["typical-p", { topK: 0, topP: 1, minP: 0, typicalP: 0.5, temperature: 1 }],
      ["all of them", { topK: 50, topP: 0.9, minP: 0.01, typicalP: 0.8, temperature: 0.7 }],
    ];
    it.each(settings)("follow the CPU's probabilities: %s", async (_, options) => {
      const random = new Random(9);
      const logits = Float32Array.from({ length: 40 }, () => random.next() * 5);
      const found = await words(logits, { ...options, seed: 40 }, { count: draws });
      expect(goodness(counted(found, 40), sharesOf(logits, options), draws)).toBeGreaterThan(1e-6);
    });

    it("would be told from others", async () => {
      const logits = someLogits(30, 4, 1);
      const found = await words(logits, { topK: 0, temperature: 1 }, { count: draws });
      expect(goodness(counted(found, 30), sharesOf(logits, { topK: 0, temperature: 3 }), draws)).toBeLessThan(1e-6);
    });

    it("take bias and penalties into account", async () => {
      const logits = Float32Array.from({ length: 12 }, (_, i) => i / 4 - 1);
      const options: SamplingOptions = { repeatPenalty: 1.5, presencePenalty: 0.3, repeatLastN: 3, topP: 1, seed: 5 };
      const history = [11, 11, 3];
      const logitBias = { 0: 2, 8: -Infinity };
      const found: number[] = [];
      for (let seed = 0; seed < 100; seed++) {
        found.push(...(await words(logits, { ...options, logitBias, seed }, { history })));
      }
      const adjusted = logits.slice();
      adjusted[0] += 2;
      adjusted[8] = -Infinity;
      const penalties = new Penalties(12, 3, resolveSampling(options, 12));
      for (const token of history) penalties.accept(token);
      penalties.apply(adjusted);
      expect(goodness(counted(found, 12), sharesOf(adjusted, options), found.length)).toBeGreaterThan(1e-6);
    });

    it("are the same for the same seed, others for another", async () => {
      const logits = someLogits(500, 10, 0.01);
      const options = { topK: 100, temperature: 3, repeatPenalty: 1.2 };
      const first = await words(logits, { ...options, seed: 7 }, { count: 64 });
      expect(await words(logits, { ...options, seed: 7 }, { count: 64 })).toEqual(first);
      expect(await words(logits, { ...options, seed: 8 }, { count: 64 })).not.toEqual(first);
      expect(await words(logits, { ...options, seed: 7 + 2 ** 32 }, { count: 64 })).not.toEqual(first);
    });

    it("are the likeliest when it is as cold as can be, typical-p or not", async () => {
      const logits = someLogits(500, 12);
      for (const options of [{ temperature: 1e-300 }, { temperature: 0, typicalP: 0.99 }]) {
        const chain = new SamplerChain({ ...options, topK: 40 }, 500, 100);
        expect(await words(logits, { ...options, topK: 40 }, { count: 3 })).toEqual(
          [0, 0, 0].fill(chain.sample(logits)),
        );
      }
    });
  });
});
