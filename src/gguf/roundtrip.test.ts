import { describe, expect, it } from "vitest";
import { MemorySource } from "../../test/fixtures.ts";
import type { DType } from "../core/dtype.ts";
import { WebggufError } from "../core/errors.ts";
import type { StringList } from "../core/metadata.ts";
import type { TypedValue } from "./encode.ts";
import { openGguf } from "./open.ts";
import { type GgufContents, ggufBytes, ggufSize, type SyncTensorData, type WriteOptions, writeGguf } from "./writer.ts";

type Contents = GgufContents<SyncTensorData>;

function contents(metadata: Record<string, TypedValue>, tensors: Contents["tensors"] = []): Contents {
  return { metadata: new Map(Object.entries(metadata)), tensors };
}

function tensor(name: string, dtype: DType, shape: number[], data: Uint8Array[]): Contents["tensors"][number] {
  return { name, dtype, shape, data: () => data };
}

async function written(file: Contents, options?: WriteOptions) {
  return openGguf([new MemorySource(ggufBytes(file, options))]);
}

function texts(list: StringList): string[] {
  return Array.from({ length: list.length }, (_, index) => list.at(index));
}

describe("metadata values", () => {
  const scalars: [TypedValue, unknown][] = [
    [{ type: "uint8", value: 255 }, 255],
    [{ type: "int8", value: -128 }, -128],
    [{ type: "uint16", value: 65535 }, 65535],
    [{ type: "int16", value: -32768 }, -32768],
    [{ type: "uint32", value: 4294967295 }, 4294967295],
    [{ type: "int32", value: -2147483648 }, -2147483648],
    [{ type: "float32", value: 0.1 }, Math.fround(0.1)],
    [{ type: "float64", value: 0.1 }, 0.1],
    [{ type: "bool", value: true }, true],
    [{ type: "bool", value: false }, false],
    [{ type: "uint64", value: 2 ** 53 - 1 }, 2 ** 53 - 1],
    [{ type: "uint64", value: 2n ** 64n - 1n }, 2n ** 64n - 1n],
    [{ type: "int64", value: -(2n ** 63n) }, -(2n ** 63n)],
    [{ type: "int64", value: -5 }, -5],
    [{ type: "string", value: "" }, ""],
    [{ type: "string", value: "naïve 東京 🙂\0\uFEFF" }, "naïve 東京 🙂\0\uFEFF"],
  ];

  it.each([2, 3] as const)("scalars come back, version %i", async (version) => {
    const metadata = Object.fromEntries(scalars.map(([value], index) => [`key.${index}`, value]));
    const file = await written(contents(metadata), { version });
    expect(file.version).toBe(version);
    expect(file.metadata.keys).toEqual(Object.keys(metadata));
    expect(scalars.map((_, index) => file.metadata.value(`key.${index}`))).toEqual(scalars.map(([, read]) => read));
  });

  const arrays: [TypedValue, unknown][] = [
    [{ type: "array", of: "uint8", value: [0, 255] }, Uint8Array.of(0, 255)],
    [{ type: "array", of: "int8", value: [-1] }, Int8Array.of(-1)],
    [{ type: "array", of: "uint16", value: [1, 2, 3] }, Uint16Array.of(1, 2, 3)],
    [{ type: "array", of: "int16", value: [-3] }, Int16Array.of(-3)],
    [{ type: "array", of: "uint32", value: [4e9] }, Uint32Array.of(4e9)],
    [{ type: "array", of: "int32", value: [-7, 8] }, Int32Array.of(-7, 8)],
    [{ type: "array", of: "float32", value: [0.5, Infinity] }, Float32Array.of(0.5, Infinity)],
    [{ type: "array", of: "float64", value: [0.1] }, Float64Array.of(0.1)],
    [{ type: "array", of: "bool", value: [true, false] }, [true, false]],
    [{ type: "array", of: "uint64", value: [1, 2n ** 60n] }, [1, 2n ** 60n]],
    [{ type: "array", of: "int64", value: [-1, 1] }, [-1, 1]],
    [{ type: "array", of: "float32", value: [] }, new Float32Array(0)],
    [
      {
        type: "array",
        of: "array",
        value: [
          { type: "array", of: "int32", value: [1, 2] },
          { type: "array", of: "array", value: [{ type: "array", of: "bool", value: [true] }] },
        ],
      },
      [Int32Array.of(1, 2), [[true]]],
    ],
  ];

  it.each(arrays)("array %o comes back", async (value, read) => {
    const file = await written(contents({ "odd.key": { type: "string", value: "x" }, list: value }));
    expect(file.metadata.value("list")).toEqual(read);
  });

  it("string arrays are lists that also give the raw bytes", async () => {
    const bytes = Uint8Array.of(0xff, 0xc3);
    const value = ["", "a", "東", bytes];
    const file = await written(contents({ list: { type: "array", of: "string", value } }));
    const list = file.metadata.strings("list")!;
    expect(texts(list)).toEqual(["", "a", "東", "\ufffd\ufffd"]);
    expect(list.bytesAt(3)).toEqual(bytes);
    expect(() => list.at(4)).toThrow(RangeError);
    expect(() => list.at(-1)).toThrow(RangeError);
  });

  it("getters tell missing keys from values of another kind", async () => {
    const { metadata } = await written(
      contents({
        n: { type: "uint32", value: 7 },
        big: { type: "uint64", value: 2n ** 60n },
        s: { type: "string", value: "text" },
        b: { type: "bool", value: true },
        ns: { type: "array", of: "int64", value: [1, 2] },
        bigs: { type: "array", of: "int64", value: [1, 2n ** 60n] },
        bs: { type: "array", of: "bool", value: [] },
        ss: { type: "array", of: "string", value: [] },
      }),
    );
    expect(metadata.number("n")).toBe(7);
    expect(metadata.string("s")).toBe("text");
    expect(metadata.boolean("b")).toBe(true);
    expect(metadata.numbers("ns")).toEqual([1, 2]);
    expect(metadata.booleans("bs")).toEqual([]);
    expect(metadata.strings("ss")?.length).toBe(0);
    expect(metadata.has("ss")).toBe(true);
    expect(metadata.has("none")).toBe(false);
    const wrong = { number: "big", boolean: "n", string: "n", numbers: "bigs", booleans: "ss", strings: "bs" } as const;
    for (const getter of ["number", "boolean", "string", "numbers", "booleans", "strings"] as const) {
      expect(metadata[getter]("none")).toBeUndefined();
      expect(() => metadata[getter](wrong[getter])).toThrow(expect.objectContaining({ code: "malformed" }));
    }
  });
});

describe("tensors", () => {
  const q8 = Uint8Array.from({ length: 68 }, (_, index) => index);
  const tensors = [
    tensor("a", "F32", [3], [Uint8Array.from({ length: 12 }, (_, index) => 100 + index)]),
    tensor("b.weight", "Q8_0", [32, 2], [q8.subarray(0, 5), q8.subarray(5)]),
    tensor("c", "F16", [2, 1, 1, 3], [new Uint8Array(12).fill(9)]),
  ];
  const metadata: Record<string, TypedValue> = { "general.name": { type: "string", value: "x" } };

  it.each([
    [2, 32],
    [3, 1],
    [3, 8],
    [3, 64],
    [3, 256],
    [2, 4096],
  ] as const)("lie where the table says, version %i, alignment %i", async (version, alignment) => {
    const source = new MemorySource(ggufBytes(contents(metadata, tensors), { version, alignment }));
    const file = await openGguf([source]);
    expect([...file.tensors.keys()]).toEqual(["a", "b.weight", "c"]);
    expect([...file.tensors.values()].map(({ dtype, shape }) => [dtype, ...shape])).toEqual([
      ["F32", 3],
      ["Q8_0", 32, 2],
      ["F16", 2, 1, 1, 3],
    ]);
    for (const { name, data } of tensors) {
      const { offset, byteLength, source: from } = file.tensors.get(name)!;
      expect(offset % alignment).toBe(0);
      expect(Buffer.from(await from.read(offset, byteLength))).toEqual(Buffer.concat([...data()]));
    }
    expect(file.fileBytes).toBe(source.size);
    expect(file.metadata.number("general.alignment")).toBe(alignment === 32 ? undefined : alignment);
  });

  it("stream from asynchronous data to the same bytes", async () => {
    const asynchronous = tensors.map((entry) => ({
      ...entry,
      async *data() {
        yield* entry.data();
      },
    }));
    const chunks: Uint8Array[] = [];
    for await (const chunk of writeGguf({ metadata: contents(metadata).metadata, tensors: asynchronous })) {
      chunks.push(chunk);
    }
    const expected = Buffer.from(ggufBytes(contents(metadata, tensors)));
    expect(Buffer.concat(chunks)).toEqual(expected);
    expect(ggufSize(contents(metadata, tensors))).toBe(expected.length);
  });

  it.each([
    ["data too short", tensor("a", "F32", [4], [new Uint8Array(12)])],
    ["data too long", tensor("a", "F32", [2], [new Uint8Array(12)])],
    ["rows that are no whole blocks", tensor("a", "Q8_0", [33], [])],
    ["five dimensions", tensor("a", "F32", [1, 1, 1, 1, 1], [new Uint8Array(4)])],
    ["a dimension of zero", tensor("a", "F32", [0], [])],
  ])("are refused with %s", async (_, bad) => {
    expect(() => ggufBytes(contents({}, [bad]))).toThrow(WebggufError);
    const drain = async () => {
      for await (const _chunk of writeGguf(contents({}, [bad])));
    };
    await expect(drain()).rejects.toMatchObject({ code: "invalid-argument" });
  });

  it("an alignment that is no power of two is refused", () => {
    expect(() => ggufBytes(contents({}), { alignment: 48 })).toThrow(/power of two/);
  });
});
