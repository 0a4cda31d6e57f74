import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ByteSource } from "../core/source.ts";
import { sourcesFrom } from "./sources.ts";

/** More than the buffers of a connection take, so that a server can tell whether it is read from. */
const content = Uint8Array.from({ length: 24 << 20 }, (_, index) => (index * 7 + (index >> 8) * 13) % 256);
const last = content.length - 1;

/** What the server does with one range; a test lists what it does in turn, and after that it sends what was asked for. */
interface Answer {
  status?: number;
  tag?: string;
  /** How far the beginning is from what was asked for. */
  shift?: number;
  /** Sends so many bytes, and then breaks the connection, ends the answer, or sends no more. */
  after?: number;
  finish?: "break" | "end" | "stall";
}

let answers: Answer[] = [];
let requests: string[] = [];
/** Answers that were begun in this test, and neither were sent whole nor broke off. */
let open = new Set<ServerResponse>();
let server: Server;
let base = "";

function answer(request: IncomingMessage, response: ServerResponse): void {
  const range = request.headers.range ?? "whole";
  requests.push(range);
  const [from, to] = range.slice("bytes=".length).split("-").map(Number);
  const { status = 206, tag = '"1"', shift = 0, after = to + 1 - from, finish = "end" } = answers.shift() ?? {};
  const begun = open;
  begun.add(response);
  response.on("close", () => begun.delete(response));
  const contentRange = `bytes ${from + shift}-${to}/${content.length}`;
  response.writeHead(status, { ETag: tag, "Content-Range": contentRange });
  response.write(content.subarray(from + shift, from + after), () => {
    if (finish === "break") response.destroy();
    if (finish === "end") response.end();
  });
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
  answers = [];
  open = new Set();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A source whose next read in a row, from byte 2000, opens a stream. */
async function opened(...next: Answer[]): Promise<ByteSource> {
  const [source] = await sourcesFrom(`${base}/model.gguf`);
  await source.read(1000, 1000);
  requests = [];
  answers = next;
  return source;
}

async function expectRead(source: ByteSource, offset: number, length: number): Promise<void> {
  const bytes = await source.read(offset, length);
  expect(bytes.length).toBe(length);
  expect(Buffer.compare(bytes, content.subarray(offset, offset + length))).toBe(0);
}

const restFrom = (offset: number) => `bytes=${offset}-${last}`;

describe("reads in a row", () => {
  it("share one request, whatever their lengths", async () => {
    const source = await opened();
    let offset = 2000;
    for (let i = 0; offset < content.length; i++) {
      const length = Math.min([1, 100, 70_001, 3 << 20][i % 4], content.length - offset);
      await expectRead(source, offset, length);
      offset += length;
    }
    expect(requests).toEqual([restFrom(2000)]);
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  it("skip gaps up to 64 KiB; a longer one is a request of its own", async () => {
    const source = await opened();
    await expectRead(source, 2032, 100);
    await expectRead(source, 2132 + 65_536, 100);
    await expectRead(source, 2232 + 65_536 + 65_537, 100);
    expect(requests).toEqual([restFrom(2032), "bytes=133305-133404"]);
  });

  it("are not supposed of a header, which grows from byte 0", async () => {
    const [source] = await sourcesFrom(`${base}/model.gguf`);
    requests = [];
    await expectRead(source, 0, 1000);
    await expectRead(source, 1000, 1000);
    await expectRead(source, 2000, 2000);
    expect(requests).toEqual(["bytes=0-999", "bytes=1000-1999", "bytes=2000-3999"]);
  });

  it("asked for at the same time are served in order", async () => {
    const source = await opened();
    const order: number[] = [];
    const reads = Array.from({ length: 20 }, (_, i) =>
      expectRead(source, 2000 + i * 300_000, 300_000).then(() => order.push(i)),
    );
    await Promise.all(reads);
    expect(order).toEqual([...Array(20).keys()]);
    expect(requests).toEqual([restFrom(2000)]);
  });

  it("leave at the server what nobody has asked for yet", async () => {
    const source = await opened();
    await expectRead(source, 2000, 1000);
    expect(open.size).toBe(1);
  });
});

describe("a read elsewhere", () => {
  it("is a request of its own, and ends the stream", async () => {
    const source = await opened();
    await expectRead(source, 2000, 1000);
    expect(open.size).toBe(1);
    await expectRead(source, 500, 100);
    await vi.waitFor(() => expect(open.size).toBe(0));
    await expectRead(source, 1_000_000, 100);
    await expectRead(source, 1_000_100, 100);
    expect(requests).toEqual([restFrom(2000), "bytes=500-599", "bytes=1000000-1000099", restFrom(1_000_100)]);
  });

  it("leaves those alone that wait in the stream", async () => {
    const source = await opened();
    const reads = [expectRead(source, 2000, 1 << 20), expectRead(source, 2000 + (1 << 20), 1 << 20)];
    await Promise.all([...reads, expectRead(source, 0, 10)]);
    expect(requests.sort()).toEqual(["bytes=0-9", restFrom(2000)]);
    await vi.waitFor(() => expect(open.size).toBe(0));
  });
});

it("a stream that nobody reads from is cancelled, and opened again when somebody does", async () => {
  const source = await opened();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await expectRead(source, 2000, 1000);
  vi.advanceTimersByTime(4000);
  await expectRead(source, 3000, 1000);
  vi.advanceTimersByTime(4000);
  await expectRead(source, 4000, 1000);
  expect(requests).toEqual([restFrom(2000)]);
  vi.advanceTimersByTime(6000);
  vi.useRealTimers();
  await vi.waitFor(() => expect(open.size).toBe(0));
  await expectRead(source, 5000, 1000);
  expect(requests).toEqual([restFrom(2000), restFrom(5000)]);
});

describe("the signal", () => {
  it("stops a read that waits for bytes, and its connection", async () => {
    const source = await opened({ after: 5000, finish: "stall" });
    await expectRead(source, 2000, 1000);
    const controller = new AbortController();
    const read = source.read(3000, 1 << 20, controller.signal);
    const also = source.read(3000 + (1 << 20), 10, controller.signal);
    controller.abort();
    await expect(read).rejects.toMatchObject({ code: "aborted" });
    await expect(also).rejects.toMatchObject({ code: "aborted" });
    await vi.waitFor(() => expect(open.size).toBe(0));
    await expectRead(source, 3000, 1 << 20);
    await expectRead(source, 3000 + (1 << 20), 1000);
    expect(requests).toEqual([restFrom(2000), "bytes=3000-1051575", restFrom(3000 + (1 << 20))]);
  });

  it("stops a read whose request has no answer yet", async () => {
    const source = await opened({ after: 0, finish: "stall" });
    const controller = new AbortController();
    const read = source.read(2000, 1000, controller.signal);
    await vi.waitFor(() => expect(open.size).toBe(1));
    controller.abort();
    await expect(read).rejects.toMatchObject({ code: "aborted" });
    await vi.waitFor(() => expect(open.size).toBe(0));
    await expectRead(source, 3000, 1000);
  });

  it("of one read leaves the others alone", async () => {
    const source = await opened();
    const controller = new AbortController();
    const first = expectRead(source, 2000, 1 << 20);
    const second = source.read(2000 + (1 << 20), 1 << 20, controller.signal);
    const third = expectRead(source, 2000 + (2 << 20), 1 << 20);
    controller.abort();
    await expect(second).rejects.toMatchObject({ code: "aborted" });
    await Promise.all([first, third]);
  });
});

describe("a connection that", () => {
  it.each(["break", "end"] as const)("comes to a premature %s is made again from the byte reached", async (finish) => {
    const source = await opened({ after: 500_000, finish }, { after: 1_000_000, finish });
    await expectRead(source, 2000, 100_000);
    await expectRead(source, 102_000, 1_000_000);
    await expectRead(source, 1_102_000, 1_000_000);
    await expectRead(source, 2_102_000, 1000);
    expect(requests).toEqual([restFrom(2000), restFrom(502_000), restFrom(1_502_000)]);
  });

  it.each(["break", "end"] as const)("comes to a %s twice in one read is a network error", async (finish) => {
    const source = await opened({ after: 5000, finish }, { after: 5000, finish });
    const read = source.read(2000, 1 << 20);
    const message = expect.stringContaining("broke off");
    await expect(read).rejects.toMatchObject({ code: "network", message });
    expect(requests).toEqual([restFrom(2000), restFrom(7000)]);
    await expectRead(source, 2000 + (1 << 20), 1000);
  });

  it("breaks and finds another file has met a change", async () => {
    const source = await opened({ after: 5000, finish: "break" }, { tag: '"2"' });
    await expect(source.read(2000, 1 << 20)).rejects.toMatchObject({ code: "file-changed" });
    await vi.waitFor(() => expect(open.size).toBe(0));
  });
});

describe("the answer", () => {
  it.each([
    ["of another file", { tag: '"2"' }, "file-changed", "no longer the file"],
    ["without ranges", { status: 200 }, "network", "answered 200"],
    ["of a server in trouble", { status: 503 }, "network", "503"],
    ["from another byte", { shift: 100 }, "network", "bytes from 2100"],
  ])("%s is refused", async (_, answer, code, message) => {
    const source = await opened(answer);
    const read = source.read(2000, 1000);
    await expect(read).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect(requests.length).toBe(1);
  });
});
