import { describe, expect, it } from "vitest";
import { WebggufError } from "../../core/errors.ts";
import type { ByteSource, TensorInfo } from "../../core/source.ts";
import { loadSlices, type SlicedTensor } from "./slices.ts";

const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251);

/** Reads are written down; a source with `pieces` gives them in this length. */
function sourceOf(pieceLength?: number) {
  const asked: [offset: number, length: number][] = [];
  const source: ByteSource = {
    name: "test",
    size: content.length,
    async read(offset, length) {
      asked.push([offset, length]);
      return content.slice(offset, offset + length);
    },
    ...(pieceLength && {
      async *pieces(offset: number, length: number) {
        asked.push([offset, length]);
        for (let at = offset; at < offset + length; at += pieceLength) {
          yield content.subarray(at, Math.min(at + pieceLength, offset + length));
        }
      },
    }),
  };
  return { source, asked };
}

const loaded: { offset: number; bytes: Uint8Array }[] = [];

/** A tensor in slices of 1000 bytes, which write themselves down. */
function tensorAt(source: ByteSource, offset: number, byteLength: number, done = () => {}): SlicedTensor {
  const tensor: TensorInfo = {
    name: `at ${offset}`,
    dtype: "F32",
    shape: [byteLength / 4],
    source,
    offset,
    byteLength,
  };
  const slices = Array.from({ length: Math.ceil(byteLength / 1000) }, (_, i) => {
    const length = Math.min(1000, byteLength - i * 1000);
    const bytes = new Uint8Array(length);
    return {
      offset: i * 1000,
      length,
      into: () => bytes,
      put: () => loaded.push({ offset: offset + i * 1000, bytes }),
    };
  });
  return { tensor, slices, done };
}

describe("tensors in slices", () => {
  it.each([
    ["by reads", undefined],
    ["by pieces of 1", 1],
    ["by pieces of 777", 777],
    ["by long pieces", 1e6],
  ] as const)("arrive %s, those next to each other in one stretch", async (_, pieceLength) => {
    loaded.length = 0;
    const { source, asked } = sourceOf(pieceLength);
    const done: string[] = [];
    let bytes = 0;
    const tensors = [
      [100, 2500],
      [2632, 400],
      [200_000, 1000],
      [50, 40],
    ].map(([offset, length]) => tensorAt(source, offset, length, () => done.push(`${offset}`)));
    await loadSlices(tensors, { onBytes: (count) => (bytes += count) });
    expect(asked).toEqual([
      [100, 2932],
      [200_000, 1000],
      [50, 40],
    ]);
    for (const { offset, bytes } of loaded) expect(bytes).toEqual(content.slice(offset, offset + bytes.length));
    expect([loaded.length, bytes, done]).toEqual([6, 3940, ["100", "2632", "200000", "50"]]);
  });

  it("end with the error of a read; what was through stays", async () => {
    const { source } = sourceOf();
    const broken: ByteSource = {
      ...source,
      read: async () => {
        throw new WebggufError("file-changed", "gone");
      },
    };
    const done: string[] = [];
    const tensors = [
      tensorAt(source, 0, 100, () => done.push("first")),
      tensorAt(broken, 0, 100, () => done.push("second")),
    ];
    await expect(loadSlices(tensors, {})).rejects.toMatchObject({ code: "file-changed" });
    expect(done).toEqual(["first"]);
  });

  it("stop at once on the signal, whatever a read waits for", async () => {
    const source: ByteSource = { name: "slow", size: 1000, read: () => new Promise(() => {}) };
    const stop = new AbortController();
    const loading = loadSlices([tensorAt(source, 0, 1000)], { signal: stop.signal });
    setTimeout(() => stop.abort(), 5);
    await expect(loading).rejects.toMatchObject({ code: "aborted" });
  });
});
