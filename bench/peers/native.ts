import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Measurement, Task } from "./types.ts";

/** The fields of `llama-bench -o json` that are read here. */
interface LlamaBenchEntry {
  build_commit: string;
  build_number: number;
  n_threads: number;
  n_prompt: number;
  n_gen: number;
  n_gpu_layers: number;
  backends: string;
  type_k: string;
  type_v: string;
  flash_attn: number;
  samples_ts: number[];
}

const FLASH_ATTENTION: Record<number, string> = { [-1]: "auto", 0: "off", 1: "on" };

/** Reads what `llama-bench -o json` printed for one prompt test and one generation test. */
export function parseLlamaBench(output: string, task: Task): Measurement {
  const entries = JSON.parse(output) as LlamaBenchEntry[];
  const find = (prompt: number, generate: number): LlamaBenchEntry => {
    const entry = entries.find(({ n_prompt, n_gen }) => n_prompt === prompt && n_gen === generate);
    if (!entry) throw new Error(`llama-bench reported no test with ${prompt} prompt and ${generate} generated tokens.`);
    if (entry.n_threads !== task.threads) {
      throw new Error(`llama-bench ran with ${entry.n_threads} threads; ${task.threads} were asked for.`);
    }
    return entry;
  };
  const prefill = find(task.promptTokens, 0);
  const decode = find(0, task.generateTokens);
  return {
    version: `llama.cpp ${prefill.build_commit} (${prefill.build_number}), ${prefill.backends}`,
    threads: prefill.n_threads,
    settings: {
      "flash attention": FLASH_ATTENTION[prefill.flash_attn] ?? prefill.flash_attn,
      KV: `${prefill.type_k}/${prefill.type_v}`,
      context: "per test",
    },
    prefill: prefill.samples_ts,
    decode: decode.samples_ts,
    firstToken: [],
    pageDecode: [],
  };
}

/** Runs `llama-bench` on the CPU; it warms up by itself before each test. */
export async function measureNative(
  executable: string,
  model: string,
  task: Task,
  limitSeconds: number,
): Promise<Measurement> {
  const args = ["-m", model, "-o", "json", "-ngl", "0"];
  args.push("-t", `${task.threads}`, "-r", `${task.repetitions}`);
  args.push("-p", `${task.promptTokens}`, "-n", `${task.generateTokens}`);
  const { stdout } = await promisify(execFile)(executable, args, { maxBuffer: 16 << 20, timeout: limitSeconds * 1000 });
  return parseLlamaBench(stdout, task);
}
