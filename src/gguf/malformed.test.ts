import { describe, expect, it } from "vitest";
import { MemorySource } from "../../test/fixtures.ts";
import type { ErrorCode } from "../core/errors.ts";
import { encodeValue } from "./encode.ts";
import { MAX_ARRAY_DEPTH, MAX_HEADER_BYTES } from "./limits.ts";
import { openGguf } from "./open.ts";
import { arrayStart, goodGguf, key, type RawGguf, rawBytes } from "./raw.fixture.ts";

/** What is done to a good file, the code it must give, and what the message must say. */
const MUTATIONS: [string, (raw: RawGguf) => void, ErrorCode, RegExp][] = [
  ["version 1", (raw) => set(raw, { version: 1 }), "unsupported-version", /version 1/],
  ["version 4", (raw) => set(raw, { version: 4 }), "unsupported-version", /version 4; versions 2 and 3/],
  ["version 0", (raw) => set(raw, { version: 0 }), "unsupported-version", /version 0/],
  ["big-endian", (raw) => set(raw, { version: 0x03000000 }), "unsupported-version", /big-endian/],
  ["a tensor too many", (raw) => set(raw, { tensorCount: 3 }), "malformed", /0 dimensions/],
  ["more tensors than bytes", (raw) => set(raw, { tensorCount: 1000 }), "truncated", /the file ends at byte/],
  ["a million tensors", (raw) => set(raw, { tensorCount: 1e6 }), "malformed", /1000000 tensors/],
  [
    "2^63 tensors",
    (raw) => set(raw, { tensorCount: 2n ** 63n }),
    "malformed",
    /number of tensors.*9223372036854775808/,
  ],
  ["a million keys", (raw) => set(raw, { keyCount: 1e6 }), "malformed", /1000000 metadata keys/],
  ["2^64-1 keys", (raw) => set(raw, { keyCount: 2n ** 64n - 1n }), "malformed", /number of metadata keys/],
  ["a duplicate key", (raw) => raw.keys.push(raw.keys[0]), "malformed", /"general.architecture" occurs twice/],
  ["value type 13", (raw) => raw.keys.push(["odd", 13, new Uint8Array(8)]), "malformed", /"odd" has type 13/],
  ["element type 99", (raw) => array(raw, 99, 1), "malformed", /an element of the value of "list" has type 99/],
  ["an array longer than the file", (raw) => array(raw, 4, 5000), "truncated", /"list".*should go on to byte/],
  ["an array longer than any header", (raw) => array(raw, 4, 2 ** 40), "malformed", /more than any header has/],
  ["an array of 2^62 strings", (raw) => array(raw, 8, 2n ** 62n), "malformed", /number of elements/],
  ["a long list of strings", (raw) => array(raw, 8, 5000), "truncated", /"list"/],
  ["a string of 5 GB in a list", (raw) => array(raw, 8, 1, u64(5e9)), "malformed", /item 0 of .*longer than 4 GB/],
  ["a string past the end in a list", (raw) => array(raw, 8, 1, u64(60000)), "truncated", /item 0 of .*"list"/],
  ["a string of 2 GB", (raw) => raw.keys.push(["long", 8, u64(2e9)]), "malformed", /said to be 2000000000 bytes/],
  ["a string past the end", (raw) => raw.keys.push(["long", 8, u64(60000)]), "truncated", /"long" .*should go on/],
  ["arrays nested too deep", (raw) => raw.keys.push(nested(MAX_ARRAY_DEPTH + 1)), "malformed", /nested deeper than 8/],
  ["alignment 0", (raw) => align(raw, 0), "malformed", /general.alignment is 0/],
  ["alignment 48", (raw) => align(raw, 48), "malformed", /general.alignment is 48/],
  [
    "an alignment that is text",
    (raw) => raw.keys.push(key("general.alignment", { type: "string", value: "32" })),
    "malformed",
    /general.alignment should be a number, but is string/,
  ],
  ["a name of 70 kB", (raw) => set(raw.tensors[0], { name: "x".repeat(70000) }), "malformed", /at most 65535/],
  ["a duplicate tensor", (raw) => set(raw.tensors[1], { name: "a.weight" }), "malformed", /the name "a.weight"/],
  ["no dimensions", (raw) => set(raw.tensors[1], { dimensions: [] }), "malformed", /"b.weight" has 0 dimensions/],
  ["five dimensions", (raw) => set(raw.tensors[1], { dimensions: [1, 1, 1, 1, 8] }), "malformed", /has 5 dimensions/],
  ["2^32-1 dimensions", (raw) => set(raw, { dimensionCount: 2 ** 32 - 1 }), "malformed", /4294967295 dimensions/],
  ["a dimension of zero", (raw) => set(raw.tensors[1], { dimensions: [8, 0] }), "malformed", /dimension of length 0/],
  ["a dimension of 2^63", (raw) => set(raw.tensors[1], { dimensions: [2n ** 63n] }), "malformed", /dimension 0 of/],
  ["an endless shape", (raw) => set(raw.tensors[1], { dimensions: [2 ** 30, 2 ** 30] }), "malformed", /no memory can/],
  ["storage type 4", (raw) => set(raw.tensors[0], { type: 4 }), "unsupported-quantization", /storage type number 4,/],
  ["storage type 9999", (raw) => set(raw.tensors[0], { type: 9999 }), "unsupported-quantization", /9999/],
  ["rows that are no whole blocks", (raw) => set(raw.tensors[0], { type: 8 }), "malformed", /Q8_0.*blocks of 32/],
  ["a misaligned offset", (raw) => set(raw.tensors[1], { offset: 40 }), "malformed", /not a multiple of the alignment/],
  [
    "overlapping tensors",
    (raw) => set(raw.tensors[1], { offset: 0 }),
    "malformed",
    /"a.weight" and "b.weight" overlap/,
  ],
  ["an offset past the end", (raw) => set(raw.tensors[1], { offset: 64 }), "truncated", /1 of 2 tensors.*"b.weight"/],
  ["an offset of 2^52", (raw) => set(raw.tensors[1], { offset: 2 ** 52 }), "malformed", /far beyond any file/],
  [
    "an offset of 2^63",
    (raw) => set(raw.tensors[1], { offset: 2n ** 63n }),
    "malformed",
    /offset of tensor "b.weight"/,
  ],
  ["missing data", (raw) => set(raw, { dataBytes: 63 }), "truncated", /cut short; download it again/],
];

function set<T extends object>(target: T, changes: Partial<T>): void {
  Object.assign(target, changes);
}

function u64(value: number): Uint8Array {
  return encodeValue({ type: "uint64", value });
}

function array(raw: RawGguf, elementType: number, count: number | bigint, rest: Uint8Array = new Uint8Array(0)): void {
  raw.keys.push(["list", 9, new Uint8Array([...arrayStart(elementType, count), ...rest])]);
}

function align(raw: RawGguf, alignment: number): void {
  raw.keys.push(key("general.alignment", { type: "uint32", value: alignment }));
}

function nested(depth: number): [string, number, Uint8Array] {
  const levels = Array.from({ length: depth - 1 }, () => [...arrayStart(9, 1)]);
  return ["deep", 9, new Uint8Array([...levels.flat(), ...arrayStart(4, 0)])];
}

describe("a damaged file", () => {
  it("is fine before the damage", async () => {
    const file = await openGguf([new MemorySource(rawBytes(goodGguf()))]);
    expect([...file.tensors.keys()]).toEqual(["a.weight", "b.weight"]);
  });

  it.each(MUTATIONS)("with %s", async (_, mutate, code, message) => {
    const raw = goodGguf();
    mutate(raw);
    const opening = openGguf([new MemorySource(rawBytes(raw), "model.gguf")]);
    await expect(opening).rejects.toMatchObject({
      name: "WebggufError",
      code,
      message: expect.stringMatching(message),
    });
    await expect(opening).rejects.toThrow(/^model\.gguf: /);
  });

  it("may nest arrays as deep as the limit, and have gaps between tensors", async () => {
    const raw = goodGguf();
    raw.keys.push(nested(MAX_ARRAY_DEPTH));
    raw.tensors[1].offset = 64;
    raw.dataBytes = 96;
    expect((await openGguf([new MemorySource(rawBytes(raw))])).tensors.size).toBe(2);
  });

  it.each([
    ["an array of bytes", 0, 2 ** 36],
    ["an array of strings", 8, 2 ** 33],
    ["an array of booleans", 7, 2 ** 26],
    ["an array of arrays", 9, 2 ** 22],
  ])("of 1 TB that claims %s costs a few slices at most", async (_, type, count) => {
    const raw = goodGguf();
    array(raw, type, count);
    const head = rawBytes(raw);
    let longest = 0;
    const source = {
      name: "huge.gguf",
      size: 2 ** 40,
      async read(offset: number, length: number) {
        longest = Math.max(longest, length);
        const bytes = new Uint8Array(length);
        if (offset < head.length) bytes.set(head.subarray(offset, offset + length));
        return bytes;
      },
    };
    await expect(openGguf([source])).rejects.toMatchObject({ code: "malformed" });
    expect(longest).toBeLessThan(MAX_HEADER_BYTES);
  });
});

describe("a file that is not GGUF", () => {
  it.each([
    ["PK\x03\x04rest of it", /ZIP archive/],
    ['\x10\x00\x00\x00\x00\x00\x00\x00{"__metadata__', /safetensors/],
    ["\x1f\x8b\x08\x00", /gzip/],
    ["<!DOCTYPE html>", /web page/],
    ["version https://git-lfs.github.com/spec/v1", /Git LFS pointer/],
    ["tjgg\x03\x00\x00\x00", /GGJT/],
    ["lmgg", /GGML/],
    ["\x89HDF\r\n", /HDF5/],
    ["\0\0\0\0\0\0\0\0", /nothing but zeros/],
    ["FUGG\x03\x00\x00\x00", /bytes 46 55 47 47/],
    ["hi", /bytes 68 69/],
  ])("is told for what it is: %j", async (head, message) => {
    const bytes = Uint8Array.from(head, (character) => character.charCodeAt(0));
    await expect(openGguf([new MemorySource(bytes)])).rejects.toMatchObject({
      code: "not-gguf",
      message: expect.stringMatching(message),
    });
  });
});
