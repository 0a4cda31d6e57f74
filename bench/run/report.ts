/** Writes docs/PERFORMANCE.md from the results: `npm run bench:report`. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { machineLine } from "../../src/bench/machine.ts";
import { reportMarkdown } from "../../src/bench/markdown.ts";
import { parseReport } from "../../src/bench/schema.ts";
import { type BenchReport, SCHEMA } from "../../src/bench/types.ts";
import { parsePeers } from "../peers/schema.ts";
import { markdown as peersMarkdown } from "../peers/table.ts";
import type { Report as PeersReport } from "../peers/types.ts";
import { goalsTable } from "./goals.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const RESULTS = join(ROOT, "bench/results");
/** Figures of several machines, kept by hand: no run can measure them all. */
const CPUS = join(ROOT, "bench/cpus.md");
const TARGET = join(ROOT, "docs/PERFORMANCE.md");

/** The latest result of each name, oldest first. */
function latestReports(): BenchReport[] {
  const names = existsSync(RESULTS) ? readdirSync(RESULTS).filter((name) => name.endsWith(".json")) : [];
  const reports = names
    .map((name) => readFileSync(join(RESULTS, name), "utf8"))
    .filter((text) => text.includes(SCHEMA))
    .map(parseReport)
    .sort((a, b) => a.date.localeCompare(b.date));
  return [...new Map(reports.map((report) => [report.name, report])).values()];
}

function peersReport(): PeersReport | undefined {
  const path = join(RESULTS, "peers.json");
  return existsSync(path) ? parsePeers(readFileSync(path, "utf8")) : undefined;
}

const reports = latestReports();
const peers = peersReport();
if (reports.length === 0) {
  console.error("bench/results holds no results: npm run bench.");
  process.exit(2);
}
const machines = [...new Set(reports.map(({ machine }) => machineLine(machine)))];
const text = [
  "# Performance",
  "Written by `npm run bench:report` from the latest results in `bench/results`; what the tests are, and how they are taken, stands in [bench/README.md](../bench/README.md). Models have published shapes and random weights. Figures hold for the machine they are from:",
  machines.map((line) => `- ${line}`).join("\n"),
  "The commands:",
  ["npm run build", ...reports.flatMap(({ command }) => command ?? []), "npm run bench:report"]
    .map((line) => `    ${line}`)
    .join("\n"),
  `## CPU by CPU

${readFileSync(CPUS, "utf8").trim()}`,
  "## What the project was started for",
  goalsTable(reports, peers),
  ...reports.map(reportMarkdown),
  peers
    ? `## Beside other engines\n\n\`npm run bench:peers\`, see [bench/README.md](../bench/README.md).\n\n${peersMarkdown(peers)}`
    : "",
];
writeFileSync(TARGET, `${text.filter(Boolean).join("\n\n")}\n`);
console.log(TARGET);
