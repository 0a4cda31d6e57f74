import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { isOf, type ProductSpec } from "./product-specs.ts";
import { PRODUCT_TYPES, type ProductMeasurement, type ProductTiming } from "./types.ts";

/** What OpenMP is asked to print of each thread of a team, and how that is found again. */
const AFFINITY_FORMAT = "OpenMP team of %N";
const TEAM = /^OpenMP team of (\d+)$/gm;

/** How a test of one product is described, no batch of several. */
const PARAMETERS = /^type_a=(\w+),type_b=f32,m=(\d+),n=(\d+),k=(\d+),bs=\[1,1\],nr=\[1,1\],/;

/** The rows that `test-backend-ops --output sql` inserts, by the names of their columns. */
function rowsOf(output: string): Map<string, string>[] {
  const insert = /^INSERT INTO test_backend_ops \(([\w, ]+)\) VALUES \((.*)\);$/gm;
  return [...output.matchAll(insert)].map(([, names, values]) => {
    const columns = names.split(", ");
    const cells = [...values.matchAll(/'([^']*)'(?:, |$)/g)].map(([, cell]) => cell);
    return new Map(columns.map((column, i) => [column, cells[i] ?? ""]));
  });
}

/**
 * Reads what `test-backend-ops perf -o MUL_MAT --output sql` printed, and how many threads OpenMP said there were.
 *
 * @param processors the threads that it takes where OpenMP says nothing: it was built without, or has one thread
 */
export function parseNativeProducts(
  output: string,
  messages: string,
  specs: readonly ProductSpec[],
  threads: number,
  processors: number,
): ProductMeasurement {
  const teams = [...messages.matchAll(TEAM)].map(([, size]) => Number(size));
  const used = teams.length > 0 ? Math.max(...teams) : processors;
  if (used !== threads) {
    const found =
      teams.length > 0 ? `ran ${used} threads` : `does not say how many threads it ran, and may take ${used}`;
    throw new Error(`test-backend-ops ${found}; ${threads} were asked for.`);
  }
  const rows = rowsOf(output).filter((row) => row.get("backend_name") === "CPU" && row.get("op_name") === "MUL_MAT");
  const timings = rows.flatMap((row): ProductTiming[] => {
    const [, name, ...sizes] = PARAMETERS.exec(row.get("op_params") ?? "") ?? [];
    const type = PRODUCT_TYPES.find((one) => one.toLowerCase() === name?.toLowerCase());
    const [out, tokens, width] = sizes.map(Number);
    const isAsked = specs.some((spec) => spec.out === out && spec.width === width && spec.tokens === tokens);
    const microseconds = Number(row.get("time_us"));
    return type && isAsked && microseconds > 0 ? [{ type, tokens, microseconds }] : [];
  });
  const missing = specs.filter((spec) => timings.filter((timing) => isOf(timing, spec)).length !== 1);
  if (missing.length > 0) {
    const names = missing.map(({ dtype, tokens }) => `${dtype} with ${tokens} tokens`).join(", ");
    throw new Error(`test-backend-ops gave not one time for each product; look at ${names}.`);
  }
  const counted = teams.length > 0 ? "threads by OpenMP's own count" : "without OpenMP, on all processors";
  const version = `llama.cpp ${rows[0].get("build_commit")}, test-backend-ops on CPU, ${counted}`;
  return { version, threads: used, timings };
}

/**
 * Runs llama.cpp's own performance tests of these products on its CPU backend. Each warms up, and goes on for a second at
 * least. They take as many threads as the machine has processors; OpenMP is asked to limit them, and to say how many there are.
 */
export async function measureNativeProducts(
  executable: string,
  specs: readonly ProductSpec[],
  threads: number,
  limitSeconds: number,
): Promise<ProductMeasurement> {
  const any = (values: Iterable<string | number>) => `(${[...new Set(values)].join("|")})`;
  const types = any(specs.map(({ dtype }) => dtype.replace("Q", "q")));
  const [{ out, width }] = specs;
  const which = `^type_a=${types},type_b=f32,m=${out},n=${any(specs.map(({ tokens }) => tokens))},k=${width},bs=\\[1,1\\],nr=\\[1,1\\]`;
  const args = ["perf", "-b", "CPU", "-o", "MUL_MAT", "-p", which, "--output", "sql"];
  const { stdout, stderr } = await promisify(execFile)(executable, args, {
    maxBuffer: 16 << 20,
    timeout: limitSeconds * 1000,
    env: {
      ...process.env,
      OMP_THREAD_LIMIT: `${threads}`,
      OMP_DISPLAY_AFFINITY: "true",
      OMP_AFFINITY_FORMAT: AFFINITY_FORMAT,
    },
  });
  return parseNativeProducts(stdout, `${stderr}\n${stdout}`, specs, threads, availableParallelism());
}
