import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sourcesFrom } from "./sources.ts";

const content = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7) % 256);

/** What the server does, for one test. */
interface Behaviour {
  ranges: boolean;
  contentRange: boolean;
  head: boolean;
  tag: string;
  body: Uint8Array;
  status?: number;
  /** Sends fewer bytes than were asked for. */
  short?: boolean;
  /** Breaks the connection after the first bytes. */
  breaks?: boolean;
  stalls?: boolean;
}

const usual: Behaviour = { ranges: true, contentRange: true, head: true, tag: '"1"', body: content };
let behaviour = usual;
let requests: string[] = [];
let server: Server;
let base = "";

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { range } = request.headers;
  requests.push(`${request.method} ${range ?? "whole"}`);
  const { body, status } = behaviour;
  if (status) return void response.writeHead(status).end("an error page");
  if (behaviour.stalls) return;
  const match = behaviour.ranges ? /^bytes=(\d+)-(\d+)$/.exec(range ?? "") : null;
  if (!match) {
    if (!behaviour.head && request.method === "HEAD") return void response.writeHead(405).end();
    response.writeHead(200, { "Content-Length": body.length });
    if (behaviour.breaks) {
      response.write(body.subarray(0, 100));
      setTimeout(() => response.destroy(), 20);
      return;
    }
    return void response.end(body);
  }
  const [from, to] = [Number(match[1]), Number(match[2]) + 1];
  if (from >= body.length) return void response.writeHead(416, { "Content-Range": `bytes */${body.length}` }).end();
  const slice = body.subarray(from, behaviour.short && to - from > 1 ? to - 1 : to);
  const headers: Record<string, string> = { ETag: behaviour.tag };
  if (behaviour.contentRange) headers["Content-Range"] = `bytes ${from}-${to - 1}/${body.length}`;
  response.writeHead(206, headers).end(slice);
}

beforeAll(async () => {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  behaviour = usual;
  requests = [];
});

async function opened(path = "/files/my%20model.gguf?download=1") {
  const [source] = await sourcesFrom(base + path);
  return source;
}

describe("a server with ranges", () => {
  it("is asked for the ranges only", async () => {
    const source = await opened();
    expect([source.name, source.size]).toEqual(["my model.gguf", 5000]);
    expect(await source.read(1000, 500)).toEqual(content.slice(1000, 1500));
    expect(await source.read(4999, 1)).toEqual(content.slice(4999));
    expect(await source.read(3, 0)).toEqual(new Uint8Array(0));
    expect(requests).toEqual(["GET bytes=0-0", "GET bytes=1000-1499", "GET bytes=4999-4999"]);
    await expect(source.read(4999, 2)).rejects.toMatchObject({ code: "truncated" });
  });

  it("that hides Content-Range is asked for the length", async () => {
    behaviour = { ...usual, contentRange: false };
    const source = await opened();
    expect(source.size).toBe(5000);
    expect(await source.read(10, 20)).toEqual(content.slice(10, 30));
    expect(requests).toEqual(["GET bytes=0-0", "HEAD whole", "GET bytes=10-29"]);
  });

  it("that tells no length at all sends the whole", async () => {
    behaviour = { ...usual, contentRange: false, head: false };
    const source = await opened();
    expect(await source.read(10, 20)).toEqual(content.slice(10, 30));
    expect(requests).toEqual(["GET bytes=0-0", "HEAD whole", "GET whole"]);
  });

  it.each([
    ["another length", { body: content.slice(1) }],
    ["another tag", { tag: '"2"' }],
    ["a much shorter body", { body: content.slice(0, 10) }],
  ])("whose file has %s has changed", async (_, change) => {
    const source = await opened();
    behaviour = { ...usual, ...change };
    await expect(source.read(1000, 10)).rejects.toMatchObject({ code: "file-changed" });
  });

  it("may have weak tags that differ", async () => {
    behaviour = { ...usual, tag: 'W/"1"' };
    const source = await opened();
    behaviour = { ...usual, tag: 'W/"2"' };
    expect(await source.read(0, 4)).toEqual(content.slice(0, 4));
  });

  it.each([
    ["stops sending ranges", { ranges: false }],
    ["sends too few bytes", { short: true }],
    ["answers 503", { status: 503 }],
  ])("that %s is a network error", async (_, change) => {
    const source = await opened();
    behaviour = { ...usual, ...change };
    await expect(source.read(0, 10)).rejects.toMatchObject({ code: "network" });
  });

  it("has an empty file", async () => {
    behaviour = { ...usual, body: new Uint8Array(0) };
    expect((await opened()).size).toBe(0);
  });
});

describe("a server without ranges", () => {
  it("sends the whole once", async () => {
    behaviour = { ...usual, ranges: false };
    const source = await opened();
    expect(source.size).toBe(5000);
    expect(await source.read(1000, 500)).toEqual(content.slice(1000, 1500));
    expect(requests).toEqual(["GET bytes=0-0"]);
  });

  it("that breaks off is a network error", async () => {
    behaviour = { ...usual, ranges: false, breaks: true };
    await expect(opened()).rejects.toMatchObject({ code: "network", message: expect.stringContaining("broke off") });
  });
});

describe("failures", () => {
  it.each([
    [404, /404 Not Found.*Check the address/],
    [403, /403 Forbidden.*login/],
    [500, /500 .*later/],
  ])("status %i is told", async (status, message) => {
    behaviour = { ...usual, status };
    await expect(opened()).rejects.toMatchObject({ code: "network", message: expect.stringMatching(message) });
  });

  it("a server that is not there is told", async () => {
    await expect(sourcesFrom("http://127.0.0.1:1/x.gguf")).rejects.toMatchObject({
      code: "network",
      message: expect.stringContaining("http://127.0.0.1:1/x.gguf"),
    });
  });

  it("the signal stops a request on its way", async () => {
    const source = await opened();
    behaviour = { ...usual, stalls: true };
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    await expect(source.read(0, 10, controller.signal)).rejects.toMatchObject({ code: "aborted" });
    await expect(sourcesFrom(`${base}/x`, { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      code: "aborted",
    });
  });
});
