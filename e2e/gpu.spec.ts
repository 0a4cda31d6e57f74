import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { chromiumArgs, findChromium } from "../scripts/chromium.mjs";
import { OP_CASES } from "../src/backends/cases/index.ts";
import type { Variants } from "../src/backends/webgpu/kernel.ts";
import { goldenFiles } from "../test/golden.ts";
import { hasReference, referenceFolder } from "../test/reference.ts";
import type { GpuTests } from "./gpu-page/main.ts";

declare global {
  interface Window {
    gpuTests: GpuTests;
  }
}

/** A GPU where there is none: SwiftShader, with subgroups and packed dot products, without shader-f16. */
test.use({
  baseURL: "http://localhost:4174",
  launchOptions: {
    executablePath: findChromium(),
    args: [...chromiumArgs(), "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
  },
});
test.describe.configure({ timeout: 900_000 });

async function openGpuPage(page: Page): Promise<void> {
  await page.route("**/reference-file/**", (route) => {
    const path = new URL(route.request().url()).pathname.replace("/reference-file/", "");
    return route.fulfill({ body: readFileSync(join(referenceFolder, path)) });
  });
  await page.goto("/e2e/gpu-page/index.html");
  await page.waitForFunction(() => "gpuTests" in window);
}

/** A software GPU compiles each kernel for a second or more: so a part stands for all, unless WEBGGUF_GPU=all. */
const ALL = process.env.WEBGGUF_GPU === "all";
const TYPICAL = ["F32", "F16", "Q4_0", "Q8_0", "Q4_K", "Q5_K", "Q6_K"];

interface Variant {
  readonly name: string;
  readonly variants: Partial<Variants>;
  /** Whether a case is among those that stand for all; `before`: how many of its op and type do already. */
  takes(op: string, dtype: string | undefined, before: number): boolean;
}

const VARIANTS: readonly Variant[] = [
  {
    name: "as the adapter is",
    variants: {},
    takes: (op, dtype, before) =>
      dtype === undefined ? before < 3 : before < 1 && (op === "matmul" || TYPICAL.includes(dtype)),
  },
  {
    name: "plain WGSL",
    variants: { subgroups: false, f16: false, packed: false },
    takes: (op, dtype, before) =>
      before < 1 && (op === "attention" || (op === "matmul" && TYPICAL.includes(dtype ?? ""))),
  },
  {
    name: "subgroups only",
    variants: { f16: false, packed: false },
    takes: () => false,
  },
];

/** Numbers of the cases to run, by the name of the test that runs them: all in portions, or some in one. */
function casesOf({ name, takes }: Variant): Map<string, number[]> {
  const tests = new Map<string, number[]>();
  const seen = new Map<string, number>();
  for (const [n, { op, dtype }] of OP_CASES.entries()) {
    const before = seen.get(`${op} ${dtype}`) ?? 0;
    seen.set(`${op} ${dtype}`, before + 1);
    if (!ALL && !takes(op, dtype, before)) continue;
    const title = ALL ? [name, op, op === "matmul" && dtype].filter(Boolean).join(", ") : name;
    tests.set(title, [...(tests.get(title) ?? []), n]);
  }
  return tests;
}

for (const variant of VARIANTS) {
  for (const [title, numbers] of casesOf(variant)) {
    test(`WebGPU computes what the reference does: ${title}`, async ({ page }) => {
      await openGpuPage(page);
      const worst = new Map<string, number>();
      const wrong: string[] = [];
      const results = await page.evaluate(([v, n]) => window.gpuTests.run(v, n), [variant.variants, numbers] as const);
      for (const { name: caseName, key, deviation, tolerance } of results) {
        worst.set(key, Math.max(worst.get(key) ?? 0, deviation));
        if (!(deviation <= tolerance)) wrong.push(`${caseName}: ${deviation.toExponential(1)} > ${tolerance}`);
      }
      const lines = [...worst].map(([op, deviation]) => `  ${op.padEnd(24)} ${deviation.toExponential(1)}`);
      console.info(
        `${results.length} cases, largest deviation relative to the expected rows' RMS:\n${lines.join("\n")}`,
      );
      expect(results.length).toBe(numbers.length);
      expect(wrong).toEqual([]);
    });
  }
}

test("a kernel that the driver gets wrong is found, replaced, and remembered", async ({ page }) => {
  await openGpuPage(page);
  const { first, second } = await page.evaluate(() => window.gpuTests.trust());
  for (const { notes, deviation, tolerance } of [first, second]) {
    expect(notes.join(" ")).toMatch(/gets \d GPU kernels wrong.*matmul Q4_K .*PACKED.*found .* where .* was expected/);
    expect(deviation).toBeLessThanOrEqual(tolerance);
  }
  // Texts of shaders: for hashes both times, for checks the first time only.
  expect(second.shaders).toBeLessThan(first.shaders);
});

const SEVERAL = ["llama-rope-freqs", "quant-Q4_K"];

/** Each model once; which way of running it alternates, so that all ways are seen. */
const RUNS = [
  { batchSize: 512, cacheType: "f32" },
  { batchSize: 24, cacheType: "f16" },
] as const;

if (!hasReference) test.skip("golden models on WebGPU need the reference data", () => {});
goldenFiles(["llama", "qwen2", "qwen3"]).forEach(({ name, path }, index) => {
  if (!ALL && !SEVERAL.includes(name)) return;
  test(`golden model on WebGPU: ${name}`, async ({ page }) => {
    await openGpuPage(page);
    const run = RUNS[index % RUNS.length];
    const result = await page.evaluate(([p, r]) => window.gpuTests.golden(p, r), [path, run] as const);
    const { prompt, long, limit, greedyErrors } = result;
    console.info(
      `${name.padEnd(26)} ${run.cacheType} prompt ${prompt.toFixed(4)}  long ${long.toFixed(4)}  limit ${limit.toFixed(4)}`,
    );
    expect(Math.max(prompt, long)).toBeLessThanOrEqual(limit);
    expect(greedyErrors).toBe(0);
  });
});

/** What a limit of 128 MiB does to a model of gigabytes, made small: the embedding and the products fall into parts. */
test("a model whose matrices are larger than a binding", async ({ page }) => {
  test.skip(!hasReference, "needs the reference data");
  await openGpuPage(page);
  const run = { batchSize: 24, cacheType: "f32", bindingBytes: 1 << 14 } as const;
  const result = await page.evaluate((r) => window.gpuTests.golden("models/llama-bias", r), run);
  expect(Math.max(result.prompt, result.long)).toBeLessThanOrEqual(2e-3);
  expect(result.greedyErrors).toBe(0);
});
