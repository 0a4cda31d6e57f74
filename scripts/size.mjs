/** Prints the sizes of the built files and fails above the budgets. Reads dist/, so build first. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const KB = 1000;
/** All JavaScript of the page and its workers together, gzipped. */
const SCRIPT_BUDGET = 400 * KB;
/** Each WebAssembly module, as it is. */
const WASM_BUDGET = 200 * KB;

const dist = join(resolve(dirname(fileURLToPath(import.meta.url)), ".."), "dist");
const names = readdirSync(dist, { recursive: true }).map(String);
const kb = (bytes) => `${(bytes / KB).toFixed(1)} KB`;
let failed = false;

function check(what, bytes, budget) {
  const over = bytes > budget;
  failed ||= over;
  console.log(`${over ? "OVER" : "ok  "}  ${what}: ${kb(bytes)} of ${kb(budget)}`);
}

let scripts = 0;
for (const name of names.filter((name) => name.endsWith(".js"))) {
  const bytes = gzipSync(readFileSync(join(dist, name)), { level: 9 }).length;
  scripts += bytes;
  console.log(`      ${name}: ${kb(bytes)} gzipped`);
}
if (scripts === 0) {
  console.error("dist/ holds no JavaScript: run `npm run build` first.");
  process.exit(1);
}
check("JavaScript, gzipped", scripts, SCRIPT_BUDGET);
for (const name of names.filter((name) => name.endsWith(".wasm"))) {
  check(name, readFileSync(join(dist, name)).length, WASM_BUDGET);
}
process.exit(failed ? 1 : 0);
