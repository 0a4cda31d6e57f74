import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { detectFeatures } from "../../src/core/wasm-features.ts";
import { WITHOUT_RELAXED_SIMD } from "./plain.ts";

it("takes relaxed SIMD away, and nothing else", () => {
  const seen: Uint8Array[] = [];
  const own = WebAssembly.validate;
  try {
    WebAssembly.validate = (bytes) => {
      seen.push(new Uint8Array(bytes as ArrayBuffer));
      return true;
    };
    expect(detectFeatures()).toMatchObject({ simd: true, relaxedSimd: true });
  } finally {
    WebAssembly.validate = own;
  }
  const context = { WebAssembly: { validate: () => true }, Uint8Array };
  runInNewContext(WITHOUT_RELAXED_SIMD, context);
  const validate = context.WebAssembly.validate as (bytes: Uint8Array) => boolean;
  expect(seen.map((bytes) => validate(bytes))).toEqual([true, false]);
});
