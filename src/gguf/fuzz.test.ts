import { describe, expect, it } from "vitest";
import { MemorySource, tinyModel } from "../../test/fixtures.ts";
import { isWebggufError, type WebggufError } from "../core/errors.ts";
import { Random } from "../synthetic/random.ts";
import { openGguf } from "./open.ts";
import { goodGguf, rawBytes } from "./raw.fixture.ts";

/** Opens and reads every value; returns the error, which must be one of this project's. */
async function tried(bytes: Uint8Array): Promise<WebggufError | undefined> {
  try {
    const { metadata } = await openGguf([new MemorySource(bytes)]);
    for (const key of metadata.keys) {
      const value = metadata.value(key);
      if (typeof value === "object" && "bytesAt" in value) {
        for (let index = 0; index < value.length; index++) value.at(index);
      }
    }
    return undefined;
  } catch (error) {
    if (isWebggufError(error)) return error;
    throw new Error(`the reader failed in its own way: ${error}`, { cause: error });
  }
}

describe("truncation", () => {
  it("at every byte of a small file gives the error for it", async () => {
    const bytes = rawBytes(goodGguf());
    expect(await tried(bytes)).toBeUndefined();
    for (let length = 0; length < bytes.length; length++) {
      const error = await tried(bytes.subarray(0, length));
      expect(`${length}: ${error?.code}`).toBe(`${length}: truncated`);
    }
  });

  it("anywhere in a real header gives the error for it", async () => {
    const bytes = tinyModel({ architecture: "qwen2" });
    const random = new Random(7);
    for (let round = 0; round < 300; round++) {
      expect((await tried(bytes.subarray(0, random.below(bytes.length))))?.code).toBe("truncated");
    }
  });
});

describe("damage", () => {
  it("to any one byte of a small header gives an error or a file", async () => {
    const bytes = rawBytes(goodGguf());
    const codes = new Set<string | undefined>();
    for (let at = 0; at < bytes.length - 64; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff, bytes[at] ^ 1]) {
        const damaged = bytes.slice();
        damaged[at] = value;
        codes.add((await tried(damaged))?.code);
      }
    }
    for (const code of [undefined, "malformed", "truncated", "not-gguf", "unsupported-version"]) {
      expect(codes).toContain(code);
    }
  });

  it.each(["llama", "qwen2"] as const)(
    "to several bytes of a real header, %s, gives an error or a file",
    async (architecture) => {
      const bytes = tinyModel({ architecture });
      const { headerBytes } = await openGguf([new MemorySource(bytes)]);
      const random = new Random(11);
      let refused = 0;
      for (let round = 0; round < 600; round++) {
        const damaged = bytes.slice();
        for (let flip = random.below(8); flip >= 0; flip--) damaged[random.below(headerBytes)] ^= 1 << random.below(8);
        if (await tried(damaged)) refused++;
      }
      expect(refused).toBeGreaterThan(100);
    },
  );
});
