// Compiles the C of this folder to wasm/dist/*.wasm with clang from npm: no toolchain is needed on the machine.
// The result is cached by the content of everything that goes in; nothing of it is committed.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMainThread, Worker, workerData } from "node:worker_threads";

const folder = dirname(fileURLToPath(import.meta.url));
const dist = join(folder, "dist");

/**
 * Each kind gives two modules: threads on shared memory, and one thread. Browsers that have 64-bit memories have relaxed
 * SIMD too, so there is one such kind.
 */
const KINDS = {
  relaxed: { bits: 32, flags: ["-msimd128", "-mrelaxed-simd"] },
  simd128: { bits: 32, flags: ["-msimd128"] },
  relaxed64: { bits: 64, flags: ["-msimd128", "-mrelaxed-simd"] },
};
/** The most that engines give: 4 and 16 GiB. */
const MOST_MEMORY = { 32: 2 ** 32, 64: 2 ** 34 };

const COMPILE = [
  "-O2",
  // Strength reduction makes every address a sum of its own; left alone, constant offsets are part of the loads.
  "-mllvm",
  "-disable-lsr",
  "-std=c2x",
  "-ffreestanding",
  "-nostdlib",
  "-fno-builtin-memcpy",
  "-fno-math-errno",
  "-ffp-contract=off",
  "-Wall",
  "-Wextra",
  "-Werror",
  "-matomics",
  "-mbulk-memory",
  "-mnontrapping-fptoint",
  "-msign-ext",
];

const LINK = [
  "--no-entry",
  "--import-memory",
  "--export=__stack_pointer",
  "--export=__heap_base",
  "--export=set_codebook",
  "-z",
  "stack-size=65536",
  "--strip-all",
];

/** records.json as C: one struct per record, every field eight bytes, so that the layout does not depend on the memory. */
function recordsHeader(spec) {
  const types = { p: "pointer64", i: "int64_t", f: "double" };
  const field = (text) => {
    const [name, kind] = text.split(":");
    return `  ${types[kind]} ${name};`;
  };
  const struct = (name, fields) => [`struct ${name} {`, ...fields.map(field), "};"];
  const group = (prefix, table) =>
    Object.entries(table).flatMap(([name, fields], index) => [
      `#define ${prefix}_${name.toUpperCase()} ${index}`,
      ...struct(`${name}_record`, ["code:i", "slots:i", ...fields]),
    ]);
  const lines = [
    "// Made from records.json.",
    "#pragma once",
    '#include "base.h"',
    ...struct("control_record", spec.control),
    ...group("STEP", spec.steps),
    ...group("ROW", spec.row_ops),
  ];
  return `${lines.join("\n")}\n`;
}

function readSources() {
  const names = readdirSync(folder).filter((name) => /\.[ch]$/.test(name));
  const sources = Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  sources["records.h"] = recordsHeader(JSON.parse(readFileSync(join(folder, "records.json"), "utf8")));
  // All but the runtime is one unit: it is the same with and without threads. kept.c must not be seen by the others, see
  // kept.h; format_*.c belong to formats.c.
  const apart = (name) => name === "runtime.c" || name === "kept.c" || name.startsWith("format_");
  const units = names.filter((name) => name.endsWith(".c") && !apart(name));
  sources["kernels.c"] = units.map((name) => `#include "${name}"\n`).join("");
  return sources;
}

async function build(kind, sources) {
  const { bits, flags } = KINDS[kind];
  const { runClang, runLLVM } = await import("@yowasp/clang");
  const run = async (tool, args, files) => {
    let messages = "";
    const decoder = new TextDecoder();
    const stderr = (bytes) => {
      if (bytes) messages += decoder.decode(bytes);
    };
    try {
      return await tool(args, files, { stderr, stdout: stderr, fetchProgress: () => {} });
    } catch {
      // The tool's own error carries every input file; what it printed says more.
      throw new Error(`${args.join(" ")}\n${messages}`);
    }
  };
  const compile = async (unit, ...more) => {
    const args = [`--target=wasm${bits}`, ...COMPILE, ...flags, ...more, "-c", unit, "-o", "out.o"];
    return (await run(runClang, ["clang", ...args], sources))["out.o"];
  };
  const objects = { "kernels.o": await compile("kernels.c"), "kept.o": await compile("kept.c") };
  for (const threads of [true, false]) {
    const name = threads ? `${kind}-threads` : kind;
    const files = { ...objects, "runtime.o": await compile("runtime.c", `-DTHREADS=${Number(threads)}`) };
    const link = [
      ...LINK,
      `-mwasm${bits}`,
      `--max-memory=${MOST_MEMORY[bits]}`,
      ...(threads ? ["--shared-memory"] : []),
    ];
    const out = await run(runLLVM, ["wasm-ld", ...link, ...Object.keys(files), "-o", "out.wasm"], files);
    writeFileSync(join(dist, `${name}.wasm`), out["out.wasm"]);
    console.log(`wasm/dist/${name}.wasm: ${out["out.wasm"].length} bytes`);
  }
}

const sources = readSources();
if (isMainThread) {
  mkdirSync(dist, { recursive: true });
  const compiler = readFileSync(join(folder, "../node_modules/@yowasp/clang/package.json"), "utf8");
  const key = createHash("sha256")
    .update(JSON.stringify([sources, KINDS, MOST_MEMORY, COMPILE, LINK, JSON.parse(compiler).version]))
    .digest("hex");
  const stamp = join(dist, "key");
  const modules = Object.keys(KINDS).flatMap((kind) => [`${kind}-threads.wasm`, `${kind}.wasm`]);
  const fresh =
    existsSync(stamp) && readFileSync(stamp, "utf8") === key && modules.every((name) => existsSync(join(dist, name)));
  if (!fresh) {
    console.log("Compiling the CPU kernels (about a minute, once) …");
    await Promise.all(
      Object.keys(KINDS).map(
        (kind) =>
          new Promise((resolve, reject) => {
            const worker = new Worker(fileURLToPath(import.meta.url), { workerData: kind });
            worker.once("error", reject);
            worker.once("exit", resolve);
          }),
      ),
    );
    writeFileSync(stamp, key);
  }
} else {
  await build(workerData, sources);
}
