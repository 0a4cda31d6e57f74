import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SamplingOptions } from "../../core/api.ts";
import { SamplerChain } from "../../sampling/chain.ts";
import { resolveSampling } from "../../sampling/options.ts";
import { DecodeLoop, type DecodeRun, type DecodeStep } from "./decode-loop.ts";
import type { Gpu } from "./gpu.ts";
import { checkedToken } from "./kernels/sampling.ts";
import { GpuSampler, samplerBuffers } from "./sampler.ts";
import { testDevice, testGpu, upload } from "./testing.ts";

const hasGpu = (await testGpu()) !== undefined;
const VOCABULARY = 50;

/** A model of one table: the likeliest token after `t` is `7 t + 3 + position`, the next likeliest follow it. */
const TOY = /* wgsl */ `
@group(0) @binding(0) var<storage, read> tokens: array<u32>;
@group(0) @binding(1) var<storage, read> step: array<u32>;
@group(0) @binding(2) var<storage, read_write> logits: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) lane: u32) {
  if (lane < ${VOCABULARY}u) {
    let place = (lane + ${VOCABULARY}u * 100u - (7u * tokens[0] + 3u + step[0])) % ${VOCABULARY}u;
    logits[lane] = 10.0 - 0.25 * f32(place);
  }
}`;

const toyLogits = (token: number, position: number) =>
  Float32Array.from({ length: VOCABULARY }, (_, lane) => {
    return 10 - 0.25 * ((lane + VOCABULARY * 100 - (7 * token + 3 + position)) % VOCABULARY);
  });

describe.skipIf(!hasGpu)("DecodeLoop", () => {
  let gpu: Gpu;
  let sampler: GpuSampler;
  let loop: DecodeLoop;
  let tokens: GPUBuffer;
  let prepared: number[];
  let step: DecodeStep;

  beforeAll(async () => {
    gpu = (await testDevice()) as Gpu;
  });
  afterAll(() => gpu?.close());

  beforeEach(async () => {
    const { device } = gpu;
    tokens = upload(gpu, Uint32Array.of(11), "tokens");
    const position = gpu.storage(16, "step");
    const logits = gpu.storage(VOCABULARY * 4, "logits");
    const own = samplerBuffers(VOCABULARY, 64, gpu.storage.bind(gpu), 5);
    sampler = await GpuSampler.create(gpu, {
      logits: { buffer: logits, offset: 0, stride: VOCABULARY },
      vocabulary: VOCABULARY,
      contextLength: 64,
      buffers: { ...own, tokens },
    });
    const pipeline = device.createComputePipeline({
      layout: "auto",
      compute: { module: device.createShaderModule({ code: TOY }) },
    });
    const group = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [tokens, position, logits].map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    loop = new DecodeLoop(gpu, own.results, 3);
    prepared = [];
    step = {
      prepare(index) {
        prepared.push(index);
        device.queue.writeBuffer(position, 0, Uint32Array.of(index));
      },
      encode(pass) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(1);
        sampler.encode(pass);
      },
      token: checkedToken,
    };
    // A GPU in software takes its time to compile.
  }, 60_000);
  afterEach(() => {
    loop.close();
  });

  function begin(options: SamplingOptions, first = 11, history: number[] = []) {
    gpu.device.queue.writeBuffer(tokens, 0, Uint32Array.of(first));
    sampler.begin(resolveSampling({ seed: 3, ...options }, VOCABULARY), history);
  }

  async function collect(run: DecodeRun): Promise<number[]> {
    const found: number[] = [];
    for await (const token of loop.run(step, run)) found.push(token);
    return found;
  }

  /** What the CPU makes of the toy model, greedily. */
  function expected(count: number, options: SamplingOptions, first = 11, history: number[] = []): number[] {
    const chain = new SamplerChain(options, VOCABULARY, 64);
    for (const token of history) chain.accept(token);
    const found: number[] = [];
    for (let position = 0; position < count; position++) {
      const token = chain.sample(toyLogits(found.at(-1) ?? first, position));
      chain.accept(token);
      found.push(token);
    }
    return found;
  }

  it("gives the tokens in order, each step fed the token of the one before", async () => {
    begin({ temperature: 0 });
    expect(await collect({ maximum: 20 })).toEqual(expected(20, { temperature: 0 }));
    expect(prepared).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it("counts steps in flight among the tokens that are penalised", async () => {
    const options = { temperature: 0, presencePenalty: 1, frequencyPenalty: 0.5, repeatLastN: 6 };
    begin(options, 2, [9, 2, 2]);
    expect(await collect({ maximum: 30 })).toEqual(expected(30, options, 2, [9, 2, 2]));
  });

  it("makes nothing and reads four bytes per token", async () => {
    begin({ temperature: 0.9 });
    const made: string[] = [];
    const { device } = gpu;
    const makers = ["createBuffer", "createBindGroup", "createComputePipeline", "createShaderModule"] as const;
    for (const name of makers) {
      const original = device[name].bind(device) as (descriptor: never) => unknown;
      Object.defineProperty(device, name, {
        configurable: true,
        value: (descriptor: never) => {
          made.push(name);
          return original(descriptor);
        },
      });
    }
    expect(await collect({ maximum: 25 })).toHaveLength(25);
    for (const name of makers) Reflect.deleteProperty(device, name);
    expect(made).toEqual([]);
    expect(loop.counters).toEqual({ steps: 25, bytesRead: 100, buffersCreated: 0, bindGroupsCreated: 0 });
  });

  it("stops after a stop token, having run no further than the steps in flight; the next run starts afresh", async () => {
    const all = expected(20, { temperature: 0 });
    begin({ temperature: 0 });
    const found = await collect({ maximum: 20, stop: (token) => token === all[6] });
    expect(found).toEqual(all.slice(0, all.indexOf(all[6]) + 1));
    expect(loop.counters.steps).toBeLessThanOrEqual(found.length + 2);
    begin({ temperature: 0 }, 5);
    expect(await collect({ maximum: 8 })).toEqual(expected(8, { temperature: 0 }, 5));
  });

  it("stops when the caller does", async () => {
    begin({ temperature: 0 });
    for await (const _ of loop.run(step, { maximum: 20 })) break;
    expect(loop.counters.steps).toBe(4);
    expect(loop.counters.bytesRead).toBe(16);
    begin({ temperature: 0 });
    expect(await collect({ maximum: 3 })).toEqual(expected(3, { temperature: 0 }));
  });

  it("stops on a signal, before and between tokens", async () => {
    begin({ temperature: 0 });
    const controller = new AbortController();
    const found: number[] = [];
    const run = async () => {
      for await (const token of loop.run(step, { maximum: 20, signal: controller.signal })) {
        if (found.push(token) === 4) controller.abort();
      }
    };
    await expect(run()).rejects.toMatchObject({ code: "aborted" });
    expect(found).toHaveLength(4);
    expect(loop.counters.steps).toBeLessThanOrEqual(7);
    await expect(collect({ maximum: 2, signal: controller.signal })).rejects.toMatchObject({ code: "aborted" });
  });

  it("runs nothing for a maximum of 0, and one run at a time", async () => {
    begin({ temperature: 0 });
    expect(await collect({ maximum: 0 })).toEqual([]);
    expect(loop.counters.steps).toBe(0);
    const first = loop.run(step, { maximum: 5 });
    await first.next();
    await expect(collect({ maximum: 1 })).rejects.toMatchObject({ code: "busy" });
    await first.return();
    expect(await collect({ maximum: 0 })).toEqual([]);
  });

  it("throws what the sampler says of logits that rule out everything", async () => {
    const logitBias = Object.fromEntries(Array.from({ length: VOCABULARY }, (_, token) => [token, -Infinity]));
    begin({ temperature: 0, logitBias });
    await expect(collect({ maximum: 5 })).rejects.toMatchObject({ code: "invalid-argument" });
  });

  // The last test: its device is of no use afterwards.
  it("says that the device was lost", async () => {
    begin({ temperature: 0 });
    const run = async () => {
      for await (const _ of loop.run(step, { maximum: 20 })) gpu.device.destroy();
    };
    await expect(run()).rejects.toMatchObject({ code: "device-lost" });
  });
});
