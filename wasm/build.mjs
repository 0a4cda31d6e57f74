// Compiles the C of this folder to wasm/dist/*.wasm with clang from npm: no toolchain is needed on the machine.
// The result is cached by the content of everything that goes in; nothing here is committed.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const dist = join(folder, "dist");

/** {relaxed, plain SIMD} × {threads on shared memory, one thread}. */
const BUILDS = [];
for (const simd of ["relaxed", "simd128"])
  for (const threads of [true, false]) BUILDS.push({ name: `${simd}${threads ? "-threads" : ""}`, simd, threads });

function flags({ simd, threads }) {
  return [
    "--target=wasm32",
    "-O3",
    "-std=c2x",
    "-ffreestanding",
    "-nostdlib",
    "-fno-builtin-memcpy",
    "-fno-math-errno",
    "-ffp-contract=off",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-msimd128",
    "-mbulk-memory",
    "-mnontrapping-fptoint",
    "-msign-ext",
    ...(simd === "relaxed" ? ["-mrelaxed-simd"] : []),
    ...(threads
      ? ["-matomics", "-DTHREADS=1", "-Wl,--shared-memory", `-Wl,--max-memory=${2 ** 32}`]
      : ["-DTHREADS=0", `-Wl,--max-memory=${2 ** 32}`]),
    "-Wl,--import-memory",
    "-Wl,--no-entry",
    "-Wl,--export=__stack_pointer",
    "-Wl,--export=__heap_base",
    "-Wl,--export=set_codebook",
    "-Wl,-z,stack-size=65536",
    "-Wl,--strip-all",
  ];
}

/** records.json as C: one struct per record, every field eight bytes, so that both sides agree on any memory width. */
function recordsHeader(spec) {
  const lines = ["// Made from records.json.", "#pragma once", '#include "base.h"', ""];
  const field = (text) => {
    const [name, kind] = text.split(":");
    return `  ${{ p: "pointer64", i: "int64_t", f: "double" }[kind]} ${name};`;
  };
  const struct = (name, fields) => lines.push(`struct ${name} {`, ...fields.map(field), "};");
  struct("control_record", spec.control);
  for (const group of ["steps", "row_ops"]) {
    Object.entries(spec[group]).forEach(([name, fields], index) => {
      lines.push(`#define ${group === "steps" ? "STEP" : "ROW"}_${name.toUpperCase()} ${index}`);
      struct(`${name}_record`, ["code:i", "slots:i", ...fields]);
    });
  }
  return `${lines.join("\n")}\n`;
}

const sources = Object.fromEntries(
  readdirSync(folder)
    .filter((name) => /\.[ch]$/.test(name))
    .sort()
    .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
);
const records = readFileSync(join(folder, "records.json"), "utf8");
sources["records.h"] = recordsHeader(JSON.parse(records));

const compilerVersion = JSON.parse(
  readFileSync(join(folder, "../node_modules/@yowasp/clang/package.json"), "utf8"),
).version;
const only = process.argv[2];
mkdirSync(dist, { recursive: true });

let runClang;
for (const build of BUILDS.filter((b) => !only || b.name === only)) {
  const key = createHash("sha256")
    .update(JSON.stringify([sources, flags(build), compilerVersion]))
    .digest("hex");
  const target = join(dist, `${build.name}.wasm`);
  const stamp = join(dist, `${build.name}.key`);
  if (existsSync(target) && existsSync(stamp) && readFileSync(stamp, "utf8") === key) continue;
  runClang ??= (await import("@yowasp/clang")).runClang;
  const started = Date.now();
  const units = Object.keys(sources).filter((name) => name.endsWith(".c") && !name.startsWith("format_"));
  let messages = "";
  try {
    const out = await runClang(["clang", ...flags(build), ...units, "-o", "out.wasm"], sources, {
      stderr: (bytes) => {
        if (bytes) messages += new TextDecoder().decode(bytes);
      },
      fetchProgress: () => {},
    });
    writeFileSync(target, out["out.wasm"]);
    writeFileSync(stamp, key);
    console.log(`wasm/dist/${build.name}.wasm ${out["out.wasm"].length} bytes in ${Date.now() - started} ms`);
  } catch (error) {
    console.error(messages);
    throw new Error(`compiling ${build.name} failed`, { cause: error });
  }
}
