import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Build } from "../../src/bench/types.ts";

/** Version and commit of the working tree, "+" behind it when there are changes. */
export function buildOf(root: string): Build {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const git = (...args: string[]) => spawnSync("git", args, { cwd: root, encoding: "utf8" });
  const { status, stdout } = git("rev-parse", "--short", "HEAD");
  if (status !== 0) return { version };
  const changed = git("status", "--porcelain", "--untracked-files=no").stdout.trim() !== "";
  return { version, commit: `${stdout.trim()}${changed ? "+" : ""}` };
}
