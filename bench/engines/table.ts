import { median, pairedRatio, type Summary, summarize } from "../../src/bench/statistics.ts";
import { type Build, type FileResult, type Report, type Round, SUBJECTS, type Subject } from "./types.ts";

type Test = "prefill" | "decode";

const number = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

const rate = ({ median: middle, min, max, count }: Summary): string =>
  count ? `${number(middle)} (${number(min)}–${number(max)})` : "–";

const ratio = ({ median: middle, min, max, count }: Summary): string =>
  count ? `${middle.toFixed(2)}× (${min.toFixed(2)}–${max.toFixed(2)})` : "–";

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

const of = (file: FileResult, subject: Subject, build: Build): Round[] =>
  file.rounds.filter((round) => round.subject === subject && round.build === build);

const samples = (rounds: readonly Round[], test: Test) => rounds.map(({ measurement }) => measurement?.[test] ?? []);

/** Tokens per second in each browser, and how they stand to the first one's, or the new build's to the old one's. */
export function table({ files, task }: Report): string {
  const rounds = files.flatMap((file) => file.rounds);
  const subjects = SUBJECTS.filter((subject) => rounds.some((round) => round.subject === subject));
  const compared = rounds.some(({ build }) => build === "before");
  const tests: [Test, string][] = [
    ["prefill", `pp${task.promptTokens}`],
    ["decode", `tg${task.generateTokens}`],
  ];
  const over = compared ? "after / before" : `/ ${subjects[0]}`;
  const head = ["file", "engine", "threads", "SIMD", ...tests.flatMap(([, name]) => [name, `${name} ${over}`])];
  const rows = files.flatMap((file) =>
    subjects.map((subject) => {
      const own = of(file, subject, "after");
      const other = compared ? of(file, subject, "before") : of(file, subjects[0], "after");
      const measured = own.find(({ measurement }) => measurement)?.measurement;
      return [
        file.file,
        subject,
        String(measured?.threads ?? "–"),
        measured?.simd ?? "–",
        ...tests.flatMap(([test]) => [
          rate(summarize(samples(own, test).flat())),
          ratio(pairedRatio(samples(own, test), samples(other, test))),
        ]),
      ];
    }),
  );
  return [row(head), row(head.map((_, column) => (column < 4 ? "---" : "---:"))), ...rows.map(row)].join("\n");
}

/** What a reader must know before believing the figures. */
export function warnings({ files }: Report): string[] {
  const rounds = files.flatMap((file) => file.rounds.map((round) => ({ ...round, file: file.file })));
  const failed = rounds
    .filter(({ error }) => error)
    .map(({ file, round, subject, error }) => `${file}, round ${round}: ${subject} failed: ${error}`);
  const load = median(rounds.slice(0, 1).map(({ loadBefore }) => loadBefore));
  return load > 0.5
    ? [...failed, `The load average was ${load.toFixed(2)} before the run: the machine was not idle.`]
    : failed;
}

/** The whole report as Markdown. */
export function markdown(report: Report): string {
  const { machine, task, files } = report;
  const agents = new Map(
    files.flatMap(({ rounds }) => rounds.map(({ subject, measurement }) => [subject, measurement?.userAgent] as const)),
  );
  const warned = warnings(report).map((line) => `- ${line}`);
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.system}.`,
    `Tokens per second, median (least–most); ${task.repetitions} repetitions a round, rounds interleaved, context ${task.contextLength}, KV f16.`,
    [...agents].map(([subject, agent]) => `- ${subject}: ${agent ?? "measured nothing"}`).join("\n"),
    table(report),
    ...(warned.length > 0 ? [`Mind:\n\n${warned.join("\n")}`] : []),
  ].join("\n\n");
}
