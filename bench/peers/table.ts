import { geometricMean, median, pairedRatio, type Summary, summarize } from "../../src/bench/statistics.ts";
import { productsMarkdown } from "./products-table.ts";
import { ENGINES, type EngineName, type FileResult, type Report, type Samples } from "./types.ts";

const number = (value: number): string =>
  Number.isFinite(value) ? value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0) : "–";

const withSpread = ({ median, min, max, count }: Summary): string =>
  count ? `${number(median)} (${number(min)}–${number(max)})` : "–";

const ratioText = ({ median, min, max, count }: Summary): string =>
  count ? `${median.toFixed(2)}× (${min.toFixed(2)}–${max.toFixed(2)})` : "–";

/** One entry per round, in order; an engine that failed in a round has an empty one. */
function byRound(file: FileResult, engine: EngineName, key: keyof Samples): number[][] {
  return file.rounds.filter((round) => round.engine === engine).map((round) => round.measurement?.[key] ?? []);
}

function enginesOf(report: Report): EngineName[] {
  return ENGINES.filter((engine) => report.files.some((file) => file.rounds.some((round) => round.engine === engine)));
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function table(head: readonly string[], rows: readonly string[][]): string {
  return [row(head), row(head.map((_, column) => (column < 2 ? "---" : "---:"))), ...rows.map(row)].join("\n");
}

/** Tokens per second: the median of all samples, and from the least to the most in brackets. */
export function ratesTable(report: Report): string {
  const { promptTokens, generateTokens } = report.task;
  const rows = report.files.flatMap((file) =>
    enginesOf(report).map((engine) => {
      const samples = (key: keyof Samples) => withSpread(summarize(byRound(file, engine, key).flat()));
      return [file.file, engine, samples("prefill"), samples("decode"), samples("firstToken"), samples("pageDecode")];
    }),
  );
  return table(
    [
      "file",
      "engine",
      `pp${promptTokens}`,
      `tg${generateTokens}`,
      "first token, ms",
      `tg${generateTokens}, page clock`,
    ],
    rows,
  );
}

/** webgguf over each peer, paired round by round; the last rows are the geometric means over the files. */
export function ratiosTable(report: Report): string | undefined {
  const engines = enginesOf(report);
  const peers = engines.filter((engine) => engine !== "webgguf");
  if (!engines.includes("webgguf") || peers.length === 0) return undefined;
  const ratio = (file: FileResult, peer: EngineName, key: keyof Samples) =>
    pairedRatio(byRound(file, "webgguf", key), byRound(file, peer, key));
  const rows = report.files.flatMap((file) =>
    peers.map((peer) => [
      file.file,
      `webgguf / ${peer}`,
      ratioText(ratio(file, peer, "prefill")),
      ratioText(ratio(file, peer, "decode")),
    ]),
  );
  if (report.files.length > 1) {
    for (const peer of peers) {
      const mean = (key: keyof Samples) =>
        geometricMean(report.files.map((file) => ratio(file, peer, key).median).filter(Number.isFinite));
      rows.push(["geometric mean", `webgguf / ${peer}`, `${number(mean("prefill"))}×`, `${number(mean("decode"))}×`]);
    }
  }
  return table(["file", "ratio", `pp${report.task.promptTokens}`, `tg${report.task.generateTokens}`], rows);
}

/** How far an engine's own clock and the page's may differ before the report says so. */
const CLOCK_TOLERANCE = 0.15;

/** What a reader must know before believing the figures: failures, clocks that disagree, a busy machine. */
export function warnings(report: Report): string[] {
  const lines: string[] = [];
  for (const file of report.files) {
    for (const { engine, round, error } of file.rounds) {
      if (error) lines.push(`${file.file}, round ${round}: ${engine} failed: ${error}`);
    }
    for (const engine of enginesOf(report)) {
      const own = median(byRound(file, engine, "decode").flat());
      const page = median(byRound(file, engine, "pageDecode").flat());
      if (Math.abs(page / own - 1) > CLOCK_TOLERANCE) {
        lines.push(
          `${file.file}: ${engine} says ${number(own)} tokens/s of decode, the page's clock says ${number(page)}.`,
        );
      }
    }
  }
  const first = report.files[0]?.rounds[0];
  if (first && first.loadBefore > 0.5) {
    lines.push(`The load average was ${first.loadBefore.toFixed(2)} before the run: the machine was not idle.`);
  }
  return lines;
}

/** Every engine's version, threads and settings, from its first good round. */
export function engineLines(report: Report): string[] {
  return enginesOf(report).flatMap((engine) => {
    const measurement = report.files
      .flatMap((file) => file.rounds)
      .find((round) => round.engine === engine && round.measurement)?.measurement;
    if (!measurement) return [];
    const settings = Object.entries(measurement.settings).map(([name, value]) => `${name} ${value}`);
    return [`- ${engine}: ${measurement.version}; ${measurement.threads} threads; ${settings.join(", ")}`];
  });
}

/** The whole report as Markdown. */
export function markdown(report: Report): string {
  const { machine, task, files, products } = report;
  const warned = warnings(report).map((line) => `- ${line}`);
  const models = [
    `Tokens per second, median (least–most); ${task.repetitions} repetitions a round, ` +
      `rounds interleaved, ${task.threads} threads, context ${task.contextLength}.`,
    engineLines(report).join("\n"),
    ratesTable(report),
    ratiosTable(report),
    warned.length ? `Mind:\n\n${warned.join("\n")}` : undefined,
  ];
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.system}, ${machine.browser}.`,
    ...(files.length > 0 ? models : []),
    products && productsMarkdown(products),
  ]
    .filter((part) => part)
    .join("\n\n");
}
