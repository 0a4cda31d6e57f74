import { expect, test } from "@playwright/test";
import { OP_CASES } from "../src/backends/cases/index.ts";
import { goldenFiles } from "../test/golden.ts";
import { hasReference } from "../test/reference.ts";
import { TYPICAL, VARIANTS } from "./cpu-page/variants.ts";
import { ENGINES, type Engine, findBrowser, openTab, REMEDIES, type Tab } from "./engines/index.ts";
import { serveReference } from "./reference-server.ts";

test.describe.configure({ timeout: 900_000 });

/** A part stands for all, unless WEBGGUF_CPU=all: the same C is tested in Node. */
const ALL = process.env.WEBGGUF_CPU === "all";

const EVERY_CASE = [...OP_CASES.keys()];
const FIRST_OF_EACH = [
  ...new Map(OP_CASES.map(({ op, dtype }, n) => [`${op} ${dtype}`, n] as const).reverse()).values(),
].sort((a, b) => a - b);

/** Numbers of the cases to run: all, or the first of each op and type. Not every Node can run builds with 64-bit addresses. */
const casesOf = (variant: string, engine: Engine): number[] =>
  ALL || (engine === "chromium" && variant.startsWith("relaxed64")) ? EVERY_CASE : FIRST_OF_EACH;

const SEVERAL = ["llama-rope-freqs", "quant-Q4_K", "quant-Q8_0"];
const GOLDEN = goldenFiles(["llama", "qwen2", "qwen3"]).filter(({ name }) => ALL || SEVERAL.includes(name));

/** Each model once for a variant; which way of running it alternates, so that all ways are seen. */
const RUNS = [
  { batchSize: 512, cacheType: "f32" },
  { batchSize: 24, cacheType: "f16" },
  { batchSize: 1, cacheType: "f16" },
] as const;

for (const engine of ENGINES) {
  test.describe(`the CPU path in ${engine}`, () => {
    test.skip(!findBrowser(engine), `${engine} is not installed: ${REMEDIES[engine]}`);
    let tab: Tab;
    /** Those that this browser can run. */
    let variants: string[];

    test.beforeAll(async () => {
      tab = await openTab(engine);
      await tab.goto("http://localhost:4174/e2e/cpu-page/index.html");
      const wanted = ALL ? [...VARIANTS.keys()] : TYPICAL;
      const able = await tab.evaluate(() => window.cpuTests.variants());
      variants = wanted.filter((name) => able.includes(name));
      const others = wanted.filter((name) => !able.includes(name));
      console.info(
        `${engine} runs ${variants.join("; ")}${others.length > 0 ? `, and cannot run ${others.join("; ")}` : ""}`,
      );
    });
    test.afterAll(() => tab?.close());

    test(`every build computes what the reference does, in ${engine}`, async () => {
      expect(variants).toContain("simd128");
      if (engine === "chromium") expect(variants).toEqual(ALL ? [...VARIANTS.keys()] : TYPICAL);
      for (const variant of variants) {
        const numbers = casesOf(variant, engine);
        const results = await tab.evaluate((v, n) => window.cpuTests.run(v, n), variant, numbers);
        const worst = Math.max(...results.map(({ deviation }) => deviation));
        console.info(`  ${variant.padEnd(26)} ${results.length} cases, largest deviation ${worst.toExponential(1)}`);
        expect(results.length).toBe(numbers.length);
        expect(results.filter(({ deviation, tolerance }) => !(deviation <= tolerance))).toEqual([]);
      }
      expect(await tab.faults()).toEqual([]);
    });

    test(`every build runs golden models, in ${engine}`, async () => {
      test.skip(!hasReference, "golden models need the reference data");
      const { origin, close } = await serveReference();
      try {
        for (const [v, variant] of variants.entries()) {
          let worst = 0;
          for (const [f, { name, path }] of GOLDEN.entries()) {
            const run = RUNS[(v + f) % RUNS.length];
            const ask = [variant, `${origin}/${path}`, run] as const;
            const result = await tab.evaluate((...args) => window.cpuTests.golden(...args), ...ask);
            const far = Math.max(result.prompt, result.long);
            expect(far, `${name}, ${variant}, batches of ${run.batchSize}`).toBeLessThanOrEqual(result.limit);
            expect(result.greedyErrors, `${name}, ${variant}: greedy choices`).toBe(0);
            worst = Math.max(worst, far / result.limit);
          }
          console.info(`  ${variant.padEnd(26)} ${GOLDEN.length} models, at most ${worst.toFixed(2)} of the limit`);
        }
      } finally {
        close();
      }
    });
  });
}
