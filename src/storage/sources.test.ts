import { afterEach, describe, expect, it, vi } from "vitest";
import type { ModelPart } from "../core/api.ts";
import { sourcesFrom } from "./sources.ts";

const content = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);

/** A handle whose file can be replaced, as one on disk can. */
class FakeHandle {
  readonly kind = "file";
  readonly name = "model.gguf";
  file: File | DOMException;

  constructor(file: File | DOMException) {
    this.file = file;
  }

  async getFile(): Promise<File> {
    if (this.file instanceof DOMException) throw this.file;
    return this.file;
  }
}

function fileOf(bytes: Uint8Array<ArrayBuffer>, lastModified = 1): File {
  return new File([bytes], "model.gguf", { lastModified });
}

async function gathered(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: number[] = [];
  for await (const piece of pieces) all.push(...piece);
  return Uint8Array.from(all);
}

async function fromHandle(handle: FakeHandle) {
  const [source] = await sourcesFrom(handle as unknown as FileSystemFileHandle);
  return source;
}

describe("files and blobs", () => {
  it("are read by range", async () => {
    const [file, blob] = await sourcesFrom([fileOf(content), new Blob([content])]);
    expect([file.name, file.size, blob.name, blob.size]).toEqual(["model.gguf", 1000, "model", 1000]);
    expect(await file.read(100, 50)).toEqual(content.slice(100, 150));
    expect(await blob.read(999, 1)).toEqual(content.slice(999));
    expect(await blob.read(1000, 0)).toEqual(new Uint8Array(0));
  });

  it("are read in pieces", async () => {
    const [source] = await sourcesFrom(fileOf(content));
    expect(await gathered(source.pieces!(100, 850))).toEqual(content.slice(100, 950));
    await expect(gathered(source.pieces!(999, 2))).rejects.toMatchObject({ code: "truncated" });
    const stopped = gathered(source.pieces!(0, 10, AbortSignal.abort()));
    await expect(stopped).rejects.toMatchObject({ code: "aborted" });
  });

  it("that change while pieces are read are told by a read", async () => {
    const file = fileOf(content);
    const [source] = await sourcesFrom(file);
    const slice = vi.spyOn(file, "slice");
    const broken = { stream: () => new ReadableStream({ pull: (to) => to.error(new TypeError("network error")) }) };
    slice.mockReturnValueOnce(broken as unknown as Blob);
    slice.mockImplementation(() => {
      throw new DOMException("changed", "NotReadableError");
    });
    await expect(gathered(source.pieces!(0, 10))).rejects.toMatchObject({ code: "file-changed" });
  });

  it("do not go past their end", async () => {
    const [source] = await sourcesFrom(fileOf(content));
    await expect(source.read(999, 2)).rejects.toMatchObject({ code: "truncated" });
    await expect(source.read(-1, 2)).rejects.toMatchObject({ code: "truncated" });
  });

  it.each([
    ["NotReadableError", "file-changed"],
    ["NotFoundError", "file-changed"],
    ["NotAllowedError", "file-unreadable"],
    ["UnknownError", "file-unreadable"],
  ])("that fail with %s give %s", async (name, code) => {
    const file = fileOf(content);
    const [source] = await sourcesFrom(file);
    vi.spyOn(file, "slice").mockImplementation(() => {
      throw new DOMException("no", name);
    });
    await expect(source.read(0, 10)).rejects.toMatchObject({ code });
  });

  it("stop on the signal", async () => {
    const [source] = await sourcesFrom(fileOf(content));
    const signal = AbortSignal.abort();
    await expect(source.read(0, 10, signal)).rejects.toMatchObject({ code: "aborted" });
    await expect(sourcesFrom(fileOf(content), { signal })).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("handles", () => {
  afterEach(() => vi.restoreAllMocks());

  it("are read by range", async () => {
    const source = await fromHandle(new FakeHandle(fileOf(content)));
    expect([source.name, source.size]).toEqual(["model.gguf", 1000]);
    expect(await source.read(10, 5)).toEqual(content.slice(10, 15));
  });

  it.each([
    ["another size", fileOf(content.slice(1))],
    ["another time", fileOf(content, 2)],
    ["no file", new DOMException("gone", "NotFoundError")],
  ])("notice %s", async (_, replacement) => {
    const handle = new FakeHandle(fileOf(content));
    const source = await fromHandle(handle);
    handle.file = replacement;
    await expect(source.read(0, 10)).rejects.toMatchObject({ code: "file-changed" });
    await expect(gathered(source.pieces!(0, 10))).rejects.toMatchObject({ code: "file-changed" });
  });

  it("without permission cannot be opened", async () => {
    const handle = new FakeHandle(new DOMException("denied", "NotAllowedError"));
    await expect(fromHandle(handle)).rejects.toMatchObject({ code: "file-unreadable" });
  });
});

describe("anything else", () => {
  it.each([[[]], [null], [7], [{}], [[{}]]])("is refused: %j", async (value) => {
    await expect(sourcesFrom(value as unknown as ModelPart)).rejects.toMatchObject({ code: "invalid-argument" });
  });
});
