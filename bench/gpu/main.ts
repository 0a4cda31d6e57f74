import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Backend } from "../../src/backends/backend.ts";
import { measureCeilings } from "../../src/backends/webgpu/ceilings.ts";
import { Gpu } from "../../src/backends/webgpu/gpu.ts";
import { createWebgpuBackend } from "../../src/backends/webgpu/index.ts";
import { checkGolden, checkOps } from "./check.ts";
import { dawnGpu, deviceFacts } from "./device.ts";
import { measureModel } from "./models.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { ceilingsTable, deviceLines, failures, markdown } from "./table.ts";
import type { GpuReport, ModelResult } from "./types.ts";

/** Runs the command; resolves to its exit status. */
export async function main(args: string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  try {
    const options = parseOptions(args);
    const report = await run(options);
    console.log(`\n${markdown(report)}`);
    return failures(report).length ? 1 : 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
}

async function run(options: Options): Promise<GpuReport> {
  const gpu = await dawnGpu(process.env.WEBGPU_PACKAGE, options.dawn);
  const report: GpuReport = { date: new Date().toISOString(), device: await deviceFacts(gpu), models: [] };
  console.log(deviceLines(report.device));
  const keep = async () => {
    await mkdir(dirname(resolve(options.out)), { recursive: true });
    await writeFile(options.out, `${JSON.stringify(report, null, 2)}\n`);
  };
  if (options.parts.includes("ceilings")) {
    const isSoftware =
      report.device.adapter.isFallbackAdapter === true ||
      /swiftshader|llvmpipe/i.test(String(report.device.adapter.description));
    const bytes = isSoftware ? 32 << 20 : options.copyBytes;
    const opened = await Gpu.open(gpu);
    report.ceilings = await measureCeilings(opened, { bytes, repetitions: options.task.repetitions });
    opened.close();
    console.log(`\n${ceilingsTable(report.ceilings)}`);
    await keep();
  }
  if (options.parts.includes("check")) {
    // Every kernel as it is: none is checked beforehand and replaced.
    await withBackend(await createWebgpuBackend({ gpu, check: false, tune: false }), async (backend) => {
      report.ops = await checkOps(backend, options.quick);
      await keep();
      report.golden = await checkGolden(backend);
      await keep();
    });
  }
  if (options.parts.includes("models")) {
    await withBackend(await createWebgpuBackend({ gpu, tune: options.tune }), async (backend) => {
      for (const model of options.models) {
        for (const mix of options.types) {
          report.models.push(await measured(backend, { model, mix }, options));
          await keep();
        }
      }
    });
  }
  return report;
}

async function withBackend(backend: Backend, use: (backend: Backend) => Promise<void>): Promise<void> {
  try {
    await use(backend);
  } finally {
    await backend.close();
  }
}

async function measured(
  backend: Backend,
  { model, mix }: Pick<ModelResult, "model" | "mix">,
  { task }: Options,
): Promise<ModelResult> {
  process.stderr.write(`${model} ${mix} …\n`);
  try {
    return { model, mix, figures: await measureModel(backend, model, mix, task) };
  } catch (error) {
    return { model, mix, error: error instanceof Error ? error.message : String(error) };
  }
}
