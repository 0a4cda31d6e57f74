import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { commands } from "@yowasp/clang";
import { beforeAll, describe, expect, it } from "vitest";
import { DTYPES, type DType } from "../src/core/dtype.ts";
import { CODEBOOKS } from "../src/quant/codebooks/index.ts";
import { dequantize } from "../src/quant/index.ts";
import { randomBlocks } from "../test/random-blocks.ts";

const folder = dirname(fileURLToPath(import.meta.url));
const cache = join(folder, "../.cache/decode-test");

interface Decoders {
  memory: WebAssembly.Memory;
  __heap_base: WebAssembly.Global;
  set_codebook(which: number, table: number): void;
  decode_row(typeId: number, blocks: number, out: number, n: number): void;
}

/** The decoders alone, as one translation unit; the module is kept under the hash of everything that goes in. */
async function compile(): Promise<BufferSource> {
  const names = readdirSync(folder).filter((name) => /^decode.*\.[ch]$/.test(name));
  const files = Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  const units = names.filter((name) => name.endsWith(".c")).map((name) => `#include "${name}"\n`);
  const flags = ["--target=wasm32", "-O3", "-ffreestanding", "-nostdlib", "-msimd128", "-Wall", "-Wextra", "-Werror"];
  const link = ["-Wl,--no-entry", "-Wl,--export=decode_row", "-Wl,--export=set_codebook", "-Wl,--export=__heap_base"];
  const key = createHash("sha256")
    .update(JSON.stringify([files, flags, link]))
    .digest("hex");
  const target = join(cache, `${key}.wasm`);
  if (!existsSync(target)) {
    let messages = "";
    const stderr = (bytes: Uint8Array | null) => {
      if (bytes) messages += new TextDecoder().decode(bytes);
    };
    const out = await Promise.resolve(
      commands.clang(
        [...flags, ...link, "all.c", "-o", "all.wasm"],
        { ...files, "all.c": units.join("") },
        { stderr, fetchProgress: () => {} },
      ),
    ).catch((error) => {
      throw new Error(messages, { cause: error });
    });
    mkdirSync(cache, { recursive: true });
    writeFileSync(target, out!["all.wasm"] as Uint8Array);
  }
  return new Uint8Array(readFileSync(target));
}

let wasm: Decoders;
/** Addresses of the blocks and the floats; the codebooks lie below. */
let blocksAt: number;
let outAt: number;

beforeAll(async () => {
  const { instance } = await WebAssembly.instantiate(await compile());
  wasm = instance.exports as unknown as Decoders;
  wasm.memory.grow(64);
  let at = (wasm.__heap_base.value + 15) & ~15;
  CODEBOOKS.forEach((codebook, which) => {
    const table = codebook.bytes();
    new Uint8Array(wasm.memory.buffer).set(table, at);
    wasm.set_codebook(which, at);
    at += (table.length + 15) & ~15;
  });
  blocksAt = at;
  outAt = at + (1 << 20);
}, 300_000);

/** Decodes with the C decoder; the floats after the last one must stay as they were. */
function decode(dtype: DType, blocks: Uint8Array, n: number, misalign: number): Float32Array {
  const memory = new Uint8Array(wasm.memory.buffer);
  memory.set(blocks, blocksAt + misalign);
  const out = new Float32Array(wasm.memory.buffer, outAt, n + 1);
  out[n] = 12345;
  wasm.decode_row(DTYPES[dtype].id, blocksAt + misalign, outAt, n);
  expect(out[n]).toBe(12345);
  return out.slice(0, n);
}

describe("C decoders against the plain ones", () => {
  for (const [dtype, { blockElements, blockBytes }] of Object.entries(DTYPES) as [DType, (typeof DTYPES)[DType]][]) {
    it(`${dtype} decodes random blocks to the same bits`, () => {
      // Rows of single elements have lengths that no vector fits.
      const blockCount = blockElements === 1 ? 8191 : Math.ceil(16384 / blockElements);
      const n = blockCount * blockElements;
      const blocks = randomBlocks(DTYPES[dtype].id, blockCount * blockBytes);
      const expected = new Uint32Array(dequantize(dtype, blocks, n).buffer);
      const got = new Uint32Array(decode(dtype, blocks, n, 1).buffer);
      const nan = (bits: number) => (bits & 0x7fffffff) > 0x7f800000;
      const differing: string[] = [];
      for (let i = 0; i < n; i++) {
        if (got[i] === expected[i] || (nan(got[i]) && nan(expected[i]))) continue;
        differing.push(`${i}: ${got[i].toString(16)} instead of ${expected[i].toString(16)}`);
      }
      console.log(`${dtype.padEnd(8)} ${n} values, ${differing.length} not bit-equal`);
      expect(differing.slice(0, 5)).toEqual([]);
    });
  }

  it("traps on a type that is none", () => {
    expect(() => wasm.decode_row(4, blocksAt, outAt, 32)).toThrow(WebAssembly.RuntimeError);
  });
});
