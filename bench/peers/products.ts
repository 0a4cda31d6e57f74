import { loadavg } from "node:os";
import type { Browser } from "playwright";
import type { Webgguf } from "../../src/core/api.ts";
import { inPage } from "./browser.ts";
import { measureNativeProducts } from "./native-products.ts";
import type { Options } from "./options.ts";
import { type ProductSpec, productSpecs, SHAPE } from "./product-specs.ts";
import type { ProductMeasurement, ProductRound, ProductsResult, ProductTiming } from "./types.ts";

/** llama.cpp's tests go on for a second; so many products take about as long. */
const REPETITIONS = 100;

/** Times the products in the built page, in a browser context of its own. */
async function measurePage(
  browser: Browser,
  origin: string,
  threads: number,
  limitSeconds: number,
): Promise<ProductMeasurement> {
  const options = { backend: "wasm" as const, threads, repetitions: REPETITIONS, ceilings: false };
  const result = await inPage(browser, `${origin}/`, limitSeconds, (page) =>
    page.evaluate(
      ({ specs, options }) => (window as unknown as { webgguf: Webgguf }).webgguf.benchKernels(specs, options),
      { specs: productSpecs(), options },
    ),
  );
  if (result.threads !== threads) {
    throw new Error(`webgguf ran ${result.threads} threads; ${threads} were asked for.`);
  }
  const timings = result.kernels.map(({ spec, microseconds, error }): ProductTiming => {
    const { dtype, tokens } = spec as ProductSpec;
    if (error) throw new Error(`webgguf, ${dtype} with ${tokens} tokens: ${error}`);
    const mean = microseconds.reduce((sum, one) => sum + one, 0) / microseconds.length;
    return { type: dtype, tokens, microseconds: mean };
  });
  return { version: `webgguf, ${result.device}`, threads, timings };
}

/** Products of the built page beside those of native llama.cpp: each in turn, round by round, never both at once. */
export async function measureProducts(
  executable: string,
  { task: { threads }, rounds, limitSeconds }: Options,
  browser: Browser,
  origin: string,
): Promise<ProductsResult> {
  const engines = {
    webgguf: () => measurePage(browser, origin, threads, limitSeconds),
    native: () => measureNativeProducts(executable, productSpecs(), threads, limitSeconds),
  };
  const done: ProductRound[] = [];
  const order = ["webgguf", "native"] as const;
  // Each goes first as often; a round is short.
  const all = rounds * order.length;
  for (let round = 1; round <= all; round++) {
    for (const engine of round % 2 ? order : order.toReversed()) {
      const loadBefore = loadavg()[0];
      process.stderr.write(`products, round ${round} of ${all}: ${engine}\n`);
      try {
        done.push({ round, engine, measurement: await engines[engine](), loadBefore });
      } catch (reason) {
        done.push({ round, engine, error: reason instanceof Error ? reason.message : String(reason), loadBefore });
      }
    }
  }
  return { ...SHAPE, rounds: done };
}
