/** Compares browsers on the same machine and files: `npm run bench:engines`. They take turns; never do two run at once. */
import { existsSync } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { findBrowser, REMEDIES } from "../../e2e/engines/index.ts";
import { machineFacts, turns } from "../comparison.ts";
import { serve } from "../peers/server.ts";
import { measure } from "./measure.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { WITHOUT_RELAXED_SIMD } from "./plain.ts";
import { markdown } from "./table.ts";
import { type Build, engineOf, type FileResult, type Report, type Round, SUBJECTS, type Subject } from "./types.ts";

/** One browser with one build of the page. */
interface Contender {
  readonly subject: Subject;
  readonly build: Build;
  readonly origin: string;
}

function subjectsOf({ subjects }: Options): readonly Subject[] {
  const isThere = (subject: Subject) => findBrowser(engineOf(subject)) !== undefined;
  const missing = subjects?.find((subject) => !isThere(subject));
  if (missing) throw new Error(`${missing} is not installed: ${REMEDIES[engineOf(missing)]}.`);
  return subjects ?? SUBJECTS.filter(isThere);
}

async function measureFile(model: string, contenders: readonly Contender[], options: Options): Promise<FileResult> {
  const { rounds: count, task, limitSeconds } = options;
  const rounds: Round[] = [];
  for (let index = 0; index < count; index++) {
    for (const { subject, build, origin } of turns(contenders, index)) {
      process.stderr.write(
        `${basename(model)}, round ${index + 1} of ${count}: ${subject}${options.against ? `, ${build}` : ""}\n`,
      );
      const about = { round: index + 1, subject, build, loadBefore: loadavg()[0] };
      try {
        rounds.push({ ...about, measurement: await measure(subject, origin, resolve(model), task, limitSeconds) });
      } catch (reason) {
        rounds.push({ ...about, error: String(reason).split("\n")[0] });
      }
    }
  }
  return { file: basename(model), bytes: (await stat(model)).size, rounds };
}

async function main(options: Options): Promise<boolean> {
  const subjects = subjectsOf(options);
  const builds: [Build, string][] = [["after", options.dist]];
  if (options.against) builds.unshift(["before", options.against]);
  for (const [, folder] of builds) {
    if (!existsSync(join(folder, "index.html"))) throw new Error(`${folder} holds no built page: npm run build.`);
  }
  const absent = options.models.find((model) => !existsSync(model));
  if (absent) throw new Error(`There is no file ${absent}.`);

  const servers: { close(): unknown }[] = [];
  const contenders: Contender[] = [];
  try {
    for (const [build, folder] of builds) {
      for (const subject of subjects) {
        const beforeScripts = subject === "chromium-plain" ? WITHOUT_RELAXED_SIMD : "";
        const { origin, server } = await serve({ "/": resolve(folder) }, beforeScripts);
        servers.push(server);
        contenders.push({ subject, build, origin });
      }
    }
    const report: Report = {
      date: new Date().toISOString(),
      machine: machineFacts(),
      task: options.task,
      files: [],
    };
    await mkdir(dirname(resolve(options.out)), { recursive: true });
    for (const model of options.models) {
      report.files.push(await measureFile(model, contenders, options));
      await writeFile(options.out, `${JSON.stringify(report, null, 2)}\n`);
    }
    console.log(`${markdown(report)}\n`);
    return report.files.every(({ rounds }) => rounds.every(({ error }) => !error));
  } finally {
    for (const server of servers) server.close();
  }
}

try {
  if (process.argv.includes("--help")) {
    console.log(USAGE);
  } else {
    process.exitCode = (await main(parseOptions(process.argv.slice(2)))) ? 0 : 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
