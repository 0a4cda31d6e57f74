import { describe, expect, it } from "vitest";
import type { ChatMessage, GenerateOptions, Model, OpenOptions, OpenProgress, Piece } from "../core/api.ts";
import { isWebggufError, WebggufError } from "../core/errors.ts";
import { type Environment, openModel } from "./open.ts";

import { BOS, EOS, ids, LETTERS, PretendDevice, tinyFile } from "./testing.ts";

async function collect(pieces: AsyncIterable<Piece>): Promise<Piece[]> {
  const all: Piece[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

const textOf = (pieces: Piece[]) => pieces.map((piece) => piece.text).join("");

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return isWebggufError(error) ? error.code : `not a WebggufError: ${error}`;
  }
  return "no error";
}

async function pretend(options: OpenOptions = {}, file = tinyFile()): Promise<{ model: Model; device: PretendDevice }> {
  const device = new PretendDevice();
  const model = await openModel(file, options, device.environment);
  return { model, device };
}

const greedy = (options: GenerateOptions = {}): GenerateOptions => ({ temperature: 0, ...options });

describe("openModel", () => {
  it("reports its stages and every byte of the weights, in the order of the file", async () => {
    const reports: OpenProgress[] = [];
    const { model, device } = await pretend({ onProgress: (report) => reports.push(report) });
    const stages = reports.map((report) => report.stage);
    expect([...new Set(stages)]).toEqual(["header", "tokenizer", "compile", "weights", "ready"]);
    const last = reports.filter((report) => report.stage === "weights").at(-1)!;
    const tensors = await model.tensors();
    expect(last.loadedBytes).toBe(tensors.reduce((sum, tensor) => sum + tensor.byteLength, 0));
    expect(last.loadedBytes).toBe(last.totalBytes);
    expect(device.loadedTensors).toEqual(tensors.map((tensor) => tensor.name));
  });

  it("says what the model is", async () => {
    const { model, device } = await pretend({ contextLength: 100, kvCache: "f32" });
    expect(model.info).toMatchObject({
      name: "Tiny",
      architecture: "llama",
      quantization: "F32",
      contextLength: 100,
      trainedContextLength: 64,
      vocabularySize: 32,
      embeddingLength: 8,
      layerCount: 1,
      backend: "reference",
      device: "pretended",
      memoryBytes: { weights: 1, kv: 2, scratch: 3 },
      hasWeights: true,
      hasChatTemplate: false,
    });
    expect(model.info.parameterCount).toBe(2 * 8 * 32 + 3 * 8 + 4 * 64 + 3 * 128);
    expect(model.info.notes.join("\n")).toContain("longer than the 64");
    expect(device.compiled[0]).toEqual({ contextLength: 100, batchSize: 100, outputRows: 100, cacheType: "f32" });
    expect((await model.metadata())["general.name"]).toBe("Tiny");
    expect((await model.metadata())["tokenizer.ggml.tokens"]).toHaveLength(32);
    expect(structuredClone(await model.metadata())).toEqual(await model.metadata());
  });

  it("takes what the model was trained with, 4096 at most, as context", async () => {
    expect((await pretend()).model.info.contextLength).toBe(64);
    const long = tinyFile({ trainedContextLength: 100_000 });
    expect((await pretend({}, long)).model.info.contextLength).toBe(4096);
    expect((await pretend({}, tinyFile({ fileType: 1024 + 15 }))).model.info.quantization).toBe("Q4_K_M");
  });

  it("opens a vocabulary without weights for tokenize and detokenize only", async () => {
    const { model, device } = await pretend({}, tinyFile({ vocabularyOnly: true }));
    expect(model.info).toMatchObject({ hasWeights: false, backend: "none", vocabularySize: 32 });
    expect(await model.tokenize("abc", { addSpecial: true })).toEqual([BOS, ...ids("abc")]);
    expect(await model.detokenize(ids("abc"))).toBe("abc");
    expect(await codeOf(model.logits([3]))).toBe("no-weights");
    expect(await codeOf(collect(model.generate("a")))).toBe("no-weights");
    expect(await codeOf(model.bench())).toBe("no-weights");
    expect(device.openBackends).toBe(0);
    await model.close();
    expect(await codeOf(model.tokenize("a"))).toBe("closed");
  });

  it("frees everything when it fails or is stopped", async () => {
    const device = new PretendDevice();
    device.onLoad = () => {
      if (device.loadedTensors.length === 3) throw new WebggufError("file-changed", "gone");
    };
    expect(await codeOf(openModel(tinyFile(), {}, device.environment))).toBe("file-changed");
    expect([device.openPlans, device.openBackends]).toEqual([0, 0]);

    const stop = new AbortController();
    device.onLoad = () => stop.abort();
    expect(await codeOf(openModel(tinyFile(), { signal: stop.signal }, device.environment))).toBe("aborted");
    expect([device.openPlans, device.openBackends]).toEqual([0, 0]);
    expect(await codeOf(openModel(tinyFile(), { signal: stop.signal }, device.environment))).toBe("aborted");
  });

  describe("while a device gets ready", () => {
    /** A device whose preparation ends when told to. */
    const preparing = () => {
      const device = new PretendDevice();
      let end = { resolve: () => {}, reject: (_: Error) => {} };
      const promise = new Promise<void>((resolve, reject) => {
        end = { resolve, reject };
      });
      device.onPrepare = () => promise;
      return { device, ...end };
    };

    it("loads the weights, and is open when both are done", async () => {
      const { device, resolve } = preparing();
      const allLoaded = new Promise<void>((told) => {
        device.onLoad = () => device.loadedTensors.length === 11 && told();
      });
      let isOpen = false;
      const opening = openModel(tinyFile(), {}, device.environment).then(() => {
        isOpen = true;
      });
      await allLoaded;
      await new Promise((told) => setTimeout(told, 5));
      expect([device.loadedTensors.length, isOpen]).toEqual([12, false]);
      resolve();
      await opening;
      expect(isOpen).toBe(true);
    });

    it("stops the loading when it fails, and frees everything", async () => {
      const { device, reject } = preparing();
      device.onLoad = () => {
        if (device.loadedTensors.length === 3) reject(new WebggufError("device-lost", "It is gone."));
      };
      expect(await codeOf(openModel(tinyFile(), {}, device.environment))).toBe("device-lost");
      expect(device.loadedTensors.length).toBeLessThan(12);
      expect([device.openPlans, device.openBackends]).toEqual([0, 0]);
    });

    it("can be stopped after the last weight", async () => {
      const { device } = preparing();
      const stop = new AbortController();
      const onProgress = ({ stage, loadedBytes, totalBytes }: OpenProgress) => {
        if (stage === "weights" && loadedBytes === totalBytes) setTimeout(() => stop.abort(), 5);
      };
      const opening = openModel(tinyFile(), { signal: stop.signal, onProgress }, device.environment);
      expect(await codeOf(opening)).toBe("aborted");
      expect(device.loadedTensors.length).toBe(12);
      expect([device.openPlans, device.openBackends]).toEqual([0, 0]);
    });

    it("loads again elsewhere when it turns out to be of no use", async () => {
      const { device, reject } = preparing();
      const environment: Environment = {
        selectBackend: async (name, { except }) => {
          const selection = await device.environment.selectBackend(name, {});
          if (!except?.length) return selection;
          device.onPrepare = undefined;
          device.loadedTensors = [];
          return { ...selection, backend: { ...selection.backend, info: { ...selection.backend.info, name: "wasm" } } };
        },
      };
      device.onLoad = () => reject(new WebggufError("device-unavailable", "It computes wrongly."));
      const { info } = await openModel(tinyFile(), {}, environment);
      expect(info.backend).toBe("wasm");
      expect(info.notes).toContain("It computes wrongly.");
      expect(device.loadedTensors.length).toBe(12);
      expect([device.openPlans, device.openBackends]).toEqual([1, 1]);
    });
  });

  it("passes by a device that turns out to compute wrongly, unless it was asked for", async () => {
    const device = new PretendDevice();
    let closed = 0;
    const store = { get: async () => undefined, set: async () => {} };
    const environment: Environment = {
      store,
      selectBackend: async (name, options) => {
        expect(options.store).toBe(store);
        const selection = await device.environment.selectBackend(name, options);
        if (options.except?.includes("webgpu")) return selection;
        const compile = () => Promise.reject(new WebggufError("device-unavailable", "It computes wrongly."));
        const info = { ...selection.backend.info, name: "webgpu" as const };
        const close = async () => {
          closed++;
          await selection.backend.close();
        };
        return { backend: { info, compile, close }, notes: [] };
      },
    };
    const model = await openModel(tinyFile(), {}, environment);
    expect(model.info.backend).toBe("reference");
    expect(model.info.notes).toContain("It computes wrongly.");
    expect([closed, device.openBackends]).toEqual([1, 1]);
    await model.close();
    expect(await codeOf(openModel(tinyFile(), { backend: "webgpu" }, environment))).toBe("device-unavailable");
    expect(device.openBackends).toBe(0);
  });

  it("opens and closes one model after another without leaving anything", async () => {
    const device = new PretendDevice();
    for (let i = 0; i < 5; i++) {
      const model = await openModel(tinyFile(), {}, device.environment);
      device.cache = [];
      await collect(model.generate("a", greedy({ maxTokens: 2 })));
      expect([device.openPlans, device.openBackends]).toEqual([1, 1]);
      await model.close();
      await model.close();
      expect([device.openPlans, device.openBackends]).toEqual([0, 0]);
    }
  });

  it("refuses options that mean nothing", async () => {
    expect(await codeOf(pretend({ kvCache: "q8_0" }))).toBe("invalid-argument");
    expect(await codeOf(pretend({ contextLength: 0 }))).toBe("invalid-argument");
    expect(await codeOf(pretend({ threads: 1.5 }))).toBe("invalid-argument");
    expect(await codeOf(openModel(tinyFile(), { backend: "webgpu" }))).toBe("device-unavailable");
    expect(await codeOf(openModel(tinyFile(), { backend: "abacus" as "wasm" }))).toBe("invalid-argument");
    expect(await codeOf(openModel(new File(["hello"], "x.gguf"), {}))).toBe("not-gguf");
  });
});

describe("generate", () => {
  it("writes until maxTokens, and says why it ended", async () => {
    const { model, device } = await pretend();
    const pieces = await collect(model.generate("abc", greedy({ maxTokens: 4 })));
    expect(textOf(pieces)).toBe("defg");
    expect(pieces.map((piece) => piece.finish)).toEqual([undefined, undefined, undefined, "length"]);
    expect(device.cache).toEqual([BOS, ...ids("abcdef")]);
    expect(await model.stats()).toMatchObject({
      promptTokens: 4,
      cachedTokens: 0,
      generatedTokens: 4,
      contextUsed: 7,
      contextLength: 64,
      finish: "length",
    });
    expect((await model.stats()).tokenMilliseconds).toHaveLength(3);
  });

  it("takes tokens as well, with nothing put in front", async () => {
    const { model, device } = await pretend();
    await collect(model.generate(ids("xy"), greedy({ maxTokens: 1 })));
    expect(device.cache).toEqual(ids("xy"));
    await collect(model.generate("ab", greedy({ maxTokens: 0 })));
    expect(device.cache).toEqual([BOS, ...ids("ab")]);
    expect((await model.stats()).finish).toBe("length");
  });

  it("does not put a second BOS in front of one that is there", async () => {
    const { model, device } = await pretend();
    await collect(model.generate("<s>ab", greedy({ maxTokens: 1, parseSpecial: true })));
    expect(device.cache).toEqual([BOS, ...ids("ab")]);
  });

  it("evaluates only what is not in the cache: after a turn, an edit and the same again", async () => {
    const { model, device } = await pretend();
    await collect(model.generate("abc", greedy({ maxTokens: 3 })));
    device.runs.length = 0;
    await collect(model.generate("abcdefgh", greedy({ maxTokens: 1 })));
    expect(device.runs).toEqual([{ position: 6, count: 3 }]);
    expect((await model.stats()).cachedTokens).toBe(6);
    device.runs.length = 0;
    await collect(model.generate("abcxy", greedy({ maxTokens: 1 })));
    expect(device.runs).toEqual([{ position: 4, count: 2 }]);
    device.runs.length = 0;
    await collect(model.generate("abcxy", greedy({ maxTokens: 1 })));
    expect(device.runs).toEqual([{ position: 5, count: 1 }]);
    expect(device.cache).toEqual([BOS, ...ids("abcxy")]);
  });

  it("cuts long prompts into batches", async () => {
    const { model, device } = await pretend({ contextLength: 400 });
    await collect(model.generate(LETTERS.repeat(12), greedy({ maxTokens: 1 })));
    expect(device.runs).toEqual([
      { position: 0, count: 128 },
      { position: 128, count: 128 },
      { position: 256, count: 57 },
    ]);
  });

  it("ends at end-of-generation tokens, and goes on with ignoreEos", async () => {
    const { model, device } = await pretend();
    const alphabet = device.next;
    device.next = (context) => (context.length === 5 ? EOS : alphabet(context));
    const pieces = await collect(model.generate("abc", greedy({ maxTokens: 4 })));
    expect(pieces.map(({ token, text, finish }) => [token, text, finish])).toEqual([
      [...ids("d"), "d", undefined],
      [EOS, "", "stop"],
    ]);
    const more = await collect(model.generate("abc", greedy({ maxTokens: 4, ignoreEos: true })));
    expect(more.map((piece) => piece.token)).toEqual([...ids("d"), EOS, ...ids("bc")]);
  });

  it("stops at texts that stretch over tokens, and shows nothing of them", async () => {
    const { model } = await pretend();
    const pieces = await collect(model.generate("a", greedy({ stop: ["fgh", "zz"], maxTokens: 20 })));
    expect(textOf(pieces)).toBe("bcde");
    expect(pieces.at(-1)).toMatchObject({ finish: "stop", token: ids("h")[0] });
    const held = await collect(model.generate("a", greedy({ stop: ["fgx"], maxTokens: 6 })));
    expect(textOf(held)).toBe("bcdefg");
  });

  it("emits whole characters only", async () => {
    const { model, device } = await pretend();
    device.next = (context) => (context.at(-1) === 30 ? 31 : 30);
    const pieces = await collect(model.generate("a", greedy({ maxTokens: 3 })));
    expect(pieces.map((piece) => piece.text)).toEqual(["", "é", "\ufffd"]);
  });

  it("gives the same text for the same seed", async () => {
    const { model } = await pretend();
    const run = async (seed: number) =>
      textOf(await collect(model.generate("a", { seed, temperature: 5, topP: 1, minP: 0, maxTokens: 30 })));
    expect(await run(1)).toBe(await run(1));
    expect(await run(1)).not.toBe(await run(2));
  });

  it("reports log-probabilities of the raw distribution", async () => {
    const { model } = await pretend();
    const [piece] = await collect(model.generate("a", greedy({ maxTokens: 1, logprobs: 2, logitBias: { 4: -100 } })));
    const normalizer = Math.log(Math.exp(5) + 31);
    expect(piece.token).toBe(0);
    expect(piece.logprob).toBeCloseTo(-normalizer, 5);
    expect(piece.top!.map(({ token, text }) => [token, text])).toEqual([
      [4, "b"],
      [0, "<unk>"],
    ]);
    expect(piece.top![0].logprob).toBeCloseTo(5 - normalizer, 5);
  });

  it("refuses arguments that mean nothing, and is usable afterwards", async () => {
    const { model } = await pretend();
    for (const options of [
      { maxTokens: -1 },
      { logprobs: 0.5 },
      { stop: "x" as never },
      { onContextFull: "x" as never },
      { topP: 2 },
    ]) {
      expect(await codeOf(collect(model.generate("a", options)))).toBe("invalid-argument");
    }
    expect(await codeOf(collect(model.generate([])))).toBe("invalid-argument");
    expect(await codeOf(collect(model.generate(7 as never)))).toBe("invalid-argument");
    expect(await codeOf(collect(model.generate([99])))).toBe("invalid-argument");
    expect(await codeOf(model.logits([3], { positions: [1] }))).toBe("invalid-argument");
    expect(await codeOf(model.embed(["a"]))).toBe("unsupported-architecture");
    expect(textOf(await collect(model.generate("a", greedy({ maxTokens: 1 }))))).toBe("b");
  });
});

describe("a full context", () => {
  it("refuses a prompt that is too long, with numbers", async () => {
    const { model } = await pretend({ contextLength: 8 });
    await expect(collect(model.generate("abcdefghi"))).rejects.toThrow(/10 tokens.*holds 8: 2 too many/s);
    expect(await codeOf(collect(model.generate("abcdefghi")))).toBe("context-full");
    expect(await codeOf(model.logits(new Array(9).fill(3)))).toBe("context-full");
    expect(await codeOf(model.bench())).toBe("context-full");
  });

  it("stops when it is full", async () => {
    const { model, device } = await pretend({ contextLength: 8 });
    const pieces = await collect(model.generate("abc", greedy()));
    expect(textOf(pieces)).toBe("defgh");
    expect(pieces.at(-1)!.finish).toBe("context-full");
    expect(device.cache).toHaveLength(8);
  });

  it("shifts when asked to: BOS and the younger half stay, and are evaluated again", async () => {
    const { model, device } = await pretend({ contextLength: 8 });
    const pieces = await collect(model.generate("abc", greedy({ onContextFull: "shift", maxTokens: 6 })));
    expect(textOf(pieces)).toBe("defghi");
    expect(device.runs.at(-1)).toEqual({ position: 1, count: 5 });
    expect(device.cache).toEqual([BOS, ...ids("defgh")]);
    const long = await collect(model.generate("abc", greedy({ onContextFull: "shift", maxTokens: 60 })));
    expect(textOf(long)).toBe(LETTERS.repeat(3).slice(3, 63));
    expect((await model.stats()).contextUsed).toBeLessThanOrEqual(8);
  });

  it("keeps the system message of a conversation when it shifts", async () => {
    const chatTemplate =
      "{% for m in messages %}{% if m.role == 'system' %}y{{ m.content }}y{% else %}x{{ m.content }}x{% endif %}{% endfor %}";
    const { model, device } = await pretend({ contextLength: 16 }, tinyFile({ chatTemplate }));
    const messages: ChatMessage[] = [
      { role: "system", content: "s" },
      { role: "user", content: "qqq" },
    ];
    await collect(model.chat(messages, greedy({ onContextFull: "shift", maxTokens: 40 })));
    expect(device.cache.slice(0, 5)).toEqual([BOS, ...ids("ysyx")]);
    expect(device.cache).toHaveLength((await model.stats()).contextUsed);
  });

  it("keeps BOS alone where the template renders no shorter conversation", async () => {
    const chatTemplate =
      "{% if messages | length < 3 %}{{ raise_exception('short') }}{% endif %}{{ messages[0].content }}";
    const { model, device } = await pretend({ contextLength: 8 }, tinyFile({ chatTemplate }));
    const messages: ChatMessage[] = ["ab", "c", "d"].map((content) => ({ role: "user", content }));
    const pieces = await collect(model.chat(messages, greedy({ onContextFull: "shift", maxTokens: 10 })));
    expect(textOf(pieces)).toBe("cdefghijkl");
    expect(device.cache[0]).toBe(BOS);
  });
});

describe("chat", () => {
  it("uses the file's template, and ChatML without one", async () => {
    const chatTemplate = "{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}";
    const own = await pretend({}, tinyFile({ chatTemplate }));
    expect(own.model.info.hasChatTemplate).toBe(true);
    await collect(own.model.chat([{ role: "user", content: "abc" }], greedy({ maxTokens: 1 })));
    expect(own.device.cache).toEqual([BOS, ...ids("abc")]);

    const { model, device } = await pretend({ contextLength: 200 });
    await collect(model.chat([{ role: "user", content: "abc" }], greedy({ maxTokens: 1 })));
    const written = "<|im_start|>user\nabc<|im_end|>\n<|im_start|>assistant\n";
    expect(device.cache).toEqual([BOS, ...(await model.tokenize(written, { parseSpecial: true }))]);
  });

  it("tells a template's refusal, and stays usable", async () => {
    const { model } = await pretend({}, tinyFile({ chatTemplate: "{{ raise_exception('never') }}" }));
    expect(await codeOf(collect(model.chat([{ role: "user", content: "a" }])))).toBe("template");
    expect(await codeOf(collect(model.chat([])))).toBe("invalid-argument");
    expect(textOf(await collect(model.generate("a", greedy({ maxTokens: 1 }))))).toBe("b");
  });
});

describe("stopping", () => {
  it("in the middle of the prompt keeps what was evaluated", async () => {
    const { model, device } = await pretend({ contextLength: 600 });
    const stop = new AbortController();
    const prompt = LETTERS.repeat(20);
    device.onRun = (run) => run === 3 && stop.abort();
    expect(await codeOf(collect(model.generate(prompt, greedy({ signal: stop.signal }))))).toBe("aborted");
    expect(device.cache).toHaveLength(256);
    expect(textOf(await collect(model.generate(prompt, greedy({ maxTokens: 2 }))))).toBe("ab");
    expect((await model.stats()).cachedTokens).toBe(256);
  });

  it("in the middle of the answer, and then the next turn", async () => {
    const { model, device } = await pretend();
    const stop = new AbortController();
    const seen: Piece[] = [];
    device.onRun = (run) => run === 4 && stop.abort();
    const run = async () => {
      for await (const piece of model.generate("a", greedy({ signal: stop.signal }))) seen.push(piece);
    };
    expect(await codeOf(run())).toBe("aborted");
    expect(textOf(seen)).toBe("bcd");
    expect(textOf(await collect(model.generate("abcd", greedy({ maxTokens: 2 }))))).toBe("ef");
    expect((await model.stats()).cachedTokens).toBe(4);
  });

  it("is noticed although the device never waits", async () => {
    const { model } = await pretend({ contextLength: 64 });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 30);
    const endless = collect(model.generate("a", greedy({ signal: stop.signal, onContextFull: "shift" })));
    expect(await codeOf(endless)).toBe("aborted");
  });

  it("by leaving the loop frees the model", async () => {
    const { model } = await pretend();
    for await (const piece of model.generate("a", greedy())) if (piece.text === "c") break;
    expect(textOf(await collect(model.generate("a", greedy({ maxTokens: 1 }))))).toBe("b");
  });

  it("frees the model although nobody asks for the next piece", async () => {
    const { model } = await pretend();
    const stop = new AbortController();
    const iterator = model.generate("a", greedy({ signal: stop.signal }))[Symbol.asyncIterator]();
    await iterator.next();
    expect(await codeOf(collect(model.generate("a")))).toBe("busy");
    stop.abort();
    expect(textOf(await collect(model.generate("a", greedy({ maxTokens: 1 }))))).toBe("b");
    expect(await codeOf(iterator.next())).toBe("aborted");
  });
});

describe("one call at a time", () => {
  it("refuses a second generation, and takes it afterwards", async () => {
    const { model, device } = await pretend();
    device.delay = 5;
    const first = collect(model.generate("a", greedy({ maxTokens: 3 })));
    expect(await codeOf(collect(model.generate("b")))).toBe("busy");
    expect(await codeOf(model.logits([3]))).toBe("busy");
    expect(await codeOf(model.bench({ promptTokens: 1 }))).toBe("busy");
    expect(await codeOf(model.profile())).toBe("busy");
    expect(await model.tokenize("a")).toEqual(ids("a"));
    expect(textOf(await first)).toBe("bcd");
    expect(textOf(await collect(model.generate("b", greedy({ maxTokens: 1 }))))).toBe("c");
  });

  it("close stops what is under way and ends the model", async () => {
    const { model, device } = await pretend();
    let closing: Promise<void> | undefined;
    device.onRun = (run) => {
      if (run === 2) closing = model.close();
    };
    const first = codeOf(collect(model.generate("a", greedy())));
    expect(await first).toBe("closed");
    await closing;
    expect([device.openPlans, device.openBackends]).toEqual([0, 0]);
    expect(await codeOf(collect(model.generate("a")))).toBe("closed");
    expect(await codeOf(model.stats())).toBe("closed");
    expect(await codeOf(model.logits([3]))).toBe("closed");
  });

  it("close does not wait for a consumer that is gone", async () => {
    const { model, device } = await pretend();
    await model.generate("a", greedy())[Symbol.asyncIterator]().next();
    await model.close();
    expect(device.openPlans).toBe(0);
  });
});

describe("logits and bench", () => {
  it("gives logits of the positions asked for, from an empty context", async () => {
    const { model, device } = await pretend();
    await collect(model.generate("xyz", greedy({ maxTokens: 1 })));
    const best = (rows: Float32Array[]) => rows.map((row) => row.indexOf(5));
    const tokens = ids("abc");
    expect(best(await model.logits(tokens))).toEqual(ids("d"));
    expect(best(await model.logits(tokens, { positions: "all" }))).toEqual(ids("bcd"));
    expect(best(await model.logits(tokens, { positions: [2, 0, 2] }))).toEqual(ids("dbd"));
    expect(device.cache).toEqual(tokens);
  });

  it("asks for no more rows at once than the plan has", async () => {
    const { model, device } = await pretend({ contextLength: 300 });
    const rows = await model.logits(ids(LETTERS.repeat(10)), { positions: "all" });
    expect(rows).toHaveLength(260);
    expect(device.runs.map((run) => run.count)).toEqual([128, 128, 4]);
  });

  it("measures prefill and decode from an empty context, one warm-up each", async () => {
    const { model, device } = await pretend();
    const result = await model.bench({ promptTokens: 40, generateTokens: 3, repetitions: 2 });
    expect(result.prefill).toHaveLength(2);
    expect(result.decode).toHaveLength(2);
    for (const rate of [...result.prefill, ...result.decode]) expect(rate).toBeGreaterThan(0);
    expect(device.runs.filter((run) => run.count === 40)).toEqual(new Array(3).fill({ position: 0, count: 40 }));
    expect(device.runs.filter((run) => run.count === 1).map((run) => run.position)).toEqual([
      0, 1, 2, 0, 1, 2, 0, 1, 2,
    ]);
    expect(await codeOf(model.bench({ repetitions: -1 }))).toBe("invalid-argument");
    expect(textOf(await collect(model.generate("a", greedy({ maxTokens: 1 }))))).toBe("b");
  });
});
