import * as Comlink from "comlink";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Model, OpenProgress, Piece, Webgguf } from "../core/api.ts";
import { isWebggufError, type WebggufError } from "../core/errors.ts";
import { createEngine } from "../engine/index.ts";
import { ids, LETTERS, PretendDevice, tinyFile } from "../engine/testing.ts";
import { createHost } from "./host.ts";
import { createClient } from "./remote.ts";

/** A client and hosts joined by channels, as a page and its workers are. */
class Pair {
  readonly device = new PretendDevice();
  readonly engine: Webgguf = {
    ...createEngine(this.device.environment),
    renderTemplate: async (template) => template.toUpperCase(),
  };
  readonly ports: MessagePort[] = [];
  started = 0;
  terminated = 0;
  die: (reason: string) => void = () => {};
  readonly client = createClient(() => {
    this.started++;
    const { port1, port2 } = new MessageChannel();
    this.ports.push(port1, port2);
    Comlink.expose(createHost(this.engine), port2);
    return {
      endpoint: port1,
      onDeath: (report) => {
        this.die = report;
      },
      terminate: () => {
        this.terminated++;
      },
    };
  });
}

const pairs: Pair[] = [];

function pair(): Pair {
  const made = new Pair();
  pairs.push(made);
  return made;
}

afterEach(() => {
  for (const { ports } of pairs.splice(0)) for (const port of ports) port.close();
});

async function collect(pieces: AsyncIterable<Piece>): Promise<Piece[]> {
  const all: Piece[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

const textOf = (pieces: Piece[]) => pieces.map((piece) => piece.text).join("");

async function errorOf(promise: Promise<unknown>): Promise<WebggufError> {
  try {
    await promise;
  } catch (error) {
    if (isWebggufError(error)) return error;
    throw error;
  }
  throw new Error("no error");
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("client and host", () => {
  it("open, use and close a model like the engine itself", async () => {
    const { client } = pair();
    const reports: OpenProgress[] = [];
    const model = await client.open(tinyFile(), { onProgress: (report) => reports.push(report) });
    expect(reports[0].stage).toBe("header");
    expect(reports.at(-1)!.stage).toBe("ready");
    expect(model.info.name).toBe("Tiny");
    expect(await model.tokenize("abc", { addSpecial: true })).toEqual([1, ...ids("abc")]);
    expect(await model.detokenize(ids("abc"))).toBe("abc");
    expect((await model.metadata())["general.architecture"]).toBe("llama");
    expect((await model.tensors())[0].shape).toEqual([8, 32]);
    expect(textOf(await collect(model.generate("abc", { temperature: 0, maxTokens: 5 })))).toBe("defgh");
    expect(await model.stats()).toMatchObject({ generatedTokens: 5, finish: "length" });
    expect((await model.profile({ contextDepth: 5 })).steps[0].threads).toEqual([
      { startMicroseconds: 0, workMicroseconds: 1, waitMicroseconds: 0 },
    ]);
    expect((await model.bench({ promptTokens: 4, generateTokens: 2, repetitions: 1 })).decode).toHaveLength(1);
    expect(await client.renderTemplate("x", {} as never)).toBe("X");
  });

  it("sends logits as arrays of their own", async () => {
    const { client } = pair();
    const model = await client.open(tinyFile());
    const rows = await model.logits(ids("abc"), { positions: [1, 0, 1] });
    expect(rows.map((row) => row.indexOf(5))).toEqual(ids("cbc"));
    expect(rows[0].byteLength).toBe(rows[0].buffer.byteLength);
  });

  it("carry errors with class, code and message", async () => {
    const { client } = pair();
    expect((await errorOf(client.open(new File(["hello"], "x.gguf")))).code).toBe("not-gguf");
    const model = await client.open(tinyFile(), { contextLength: 4 });
    const error = await errorOf(collect(model.generate("abcdef")));
    expect(error.code).toBe("context-full");
    expect(error.message).toMatch(/7 tokens/);
    expect((await errorOf(model.embed(["x"]))).code).toBe("unsupported-architecture");
    const tools = [() => "a function cannot be cloned"];
    expect((await errorOf(collect(model.chat([], { tools })))).code).toBe("invalid-argument");
  });

  it("wrap what is no WebggufError as internal", async () => {
    const { client, engine } = pair();
    engine.renderTemplate = async () => {
      throw new TypeError("a mistake");
    };
    const error = await errorOf(client.renderTemplate("x", {} as never));
    expect([error.code, error.message]).toEqual(["internal", "TypeError: a mistake"]);
  });

  it("hand each piece over before the next is computed", async () => {
    const { client, device } = pair();
    const model = await client.open(tinyFile());
    const held: (() => void)[] = [];
    device.onRun = (run) => run > 1 && new Promise<void>((resolve) => held.push(resolve));
    const iterator = model.generate("a", { temperature: 0, maxTokens: 3 })[Symbol.asyncIterator]();
    for (const letter of "bcd") {
      expect((await iterator.next()).value.text).toBe(letter);
      if (letter === "d") break;
      await vi.waitFor(() => expect(held).toHaveLength(1));
      held.pop()?.();
    }
  });

  it("make the engine wait for a page that does not take its pieces", async () => {
    const { client, device } = pair();
    const model = await client.open(tinyFile(), { contextLength: 5000 });
    const iterator = model.generate("a", { temperature: 0 })[Symbol.asyncIterator]();
    await iterator.next();
    let ahead = 0;
    while (device.cache.length > ahead) {
      ahead = device.cache.length;
      await pause(100);
    }
    expect(ahead).toBeLessThan(2000);
    let text = "b";
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) text += next.value.text;
    expect(text).toHaveLength(4999);
    expect(text.slice(0, 26)).toBe(`${LETTERS.slice(1)}a`);
  });
});

describe("signals across the boundary", () => {
  it("stop a generation, and the model goes on", async () => {
    const { client, device } = pair();
    const model = await client.open(tinyFile());
    device.delay = 1;
    const stop = new AbortController();
    device.onRun = (run) => run === 4 && stop.abort();
    expect((await errorOf(collect(model.generate("a", { temperature: 0, signal: stop.signal })))).code).toBe("aborted");
    expect(textOf(await collect(model.generate("a", { temperature: 0, maxTokens: 2 })))).toBe("bc");
    expect((await errorOf(collect(model.generate("a", { signal: stop.signal })))).code).toBe("aborted");
  });

  it("stop a generation on a device that never waits", async () => {
    const { client } = pair();
    const model = await client.open(tinyFile());
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    const endless = collect(model.generate("a", { temperature: 0, onContextFull: "shift", signal: stop.signal }));
    expect((await errorOf(endless)).code).toBe("aborted");
  });

  it("stop an open, which leaves nothing", async () => {
    const { client, device } = pair();
    const stop = new AbortController();
    device.onLoad = () => stop.abort();
    expect((await errorOf(client.open(tinyFile(), { signal: stop.signal }))).code).toBe("aborted");
    expect([device.openPlans, device.openBackends]).toEqual([0, 0]);
  });

  it("stop when the loop is left, and have stopped when it is", async () => {
    const { client } = pair();
    const model = await client.open(tinyFile(), { contextLength: 5000 });
    for await (const piece of model.generate("a", { temperature: 0 })) if (piece.text === "c") break;
    expect(textOf(await collect(model.generate("a", { temperature: 0, maxTokens: 1 })))).toBe("b");
  });

  it("stop one call and no other", async () => {
    const { client, device } = pair();
    const [first, second] = [await client.open(tinyFile()), await client.open(tinyFile())];
    device.delay = 5;
    const stop = new AbortController();
    const stopped = errorOf(first.bench({ promptTokens: 20, signal: stop.signal }));
    stop.abort();
    expect((await stopped).code).toBe("aborted");
    device.cache = [];
    expect(textOf(await collect(second.generate("a", { temperature: 0, maxTokens: 2 })))).toBe("bc");
  });
});

describe("the worker's life", () => {
  it("is there before the first call and ends with the last model, another ready", async () => {
    const made = pair();
    expect(made.started).toBe(1);
    const [first, second] = [await made.client.open(tinyFile()), await made.client.open(tinyFile())];
    expect(made.started).toBe(1);
    await first.close();
    expect(made.terminated).toBe(0);
    expect((await errorOf(first.tokenize("a"))).code).toBe("closed");
    expect(await second.tokenize("a")).toEqual(ids("a"));
    await second.close();
    await second.close();
    expect([made.started, made.terminated]).toEqual([2, 1]);
    expect((await errorOf(second.tokenize("a"))).code).toBe("closed");
    const third = await made.client.open(tinyFile());
    expect(made.started).toBe(2);
    expect(await third.tokenize("b")).toEqual(ids("b"));
  });

  it("when it dies, rejects what is pending and starts another for the next open", async () => {
    const made = pair();
    const model: Model = await made.client.open(tinyFile());
    made.device.onRun = () => new Promise(() => {});
    const [generation, logits] = [errorOf(collect(model.generate("a"))), errorOf(model.logits([3]))];
    await pause(20);
    made.die("out of memory");
    for (const error of [await generation, await errorOf(model.tokenize("a"))]) {
      expect(error.code).toBe("device-lost");
      expect(error.message).toContain("out of memory");
    }
    await logits;
    await model.close();
    made.device.onRun = () => {};
    made.device.cache = [];
    const again = await made.client.open(tinyFile());
    expect(made.started).toBe(2);
    expect(textOf(await collect(again.generate("a", { temperature: 0, maxTokens: 1 })))).toBe("b");
  });
});
