/**
 * Finds a Chromium to test in: WEBGGUF_CHROMIUM, then Playwright's own, then the system's. `--install` gets one when
 * there is none: from Playwright, else from Debian's packages. Prints the path of the executable.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright";

const SYSTEM_NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
const SYSTEM_PATHS = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

const isRoot = () => process.getuid?.() === 0;

/** @param {string} path */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The first of the programs that the search path has.
 * @param {readonly string[]} names
 * @returns {string | undefined}
 */
export function onPath(names) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of names) {
      const path = join(folder, name);
      if (folder && isExecutable(path)) return path;
    }
  }
  return undefined;
}

/**
 * The file that an environment variable names; undefined where it is not set.
 * @param {string} variable
 */
export function named(variable) {
  const path = process.env[variable];
  if (path && !existsSync(path)) throw new Error(`${variable} is ${path}, and there is no such file.`);
  return path || undefined;
}

/**
 * @returns {string | undefined} the executable
 * @throws when WEBGGUF_CHROMIUM names a file that is not there
 */
export function findChromium() {
  const chosen = named("WEBGGUF_CHROMIUM");
  if (chosen) return chosen;
  const own = chromium.executablePath();
  if (own && existsSync(own)) return own;
  return onPath(SYSTEM_NAMES) ?? SYSTEM_PATHS.find(isExecutable);
}

/** Flags that a container needs: Chromium's sandbox does not start as root. */
export const chromiumArgs = () => (isRoot() ? ["--no-sandbox"] : []);

const run = (command, args) => spawnSync(command, args, { stdio: ["ignore", 2, 2] }).status === 0;

const mayInstallPackages = () => isRoot() && existsSync("/usr/bin/apt-get");

/** Installs packages of Debian, where this is one and the user may. @param {...string} packages */
export function installPackages(...packages) {
  if (!mayInstallPackages()) return;
  run("apt-get", ["update"]);
  run("apt-get", ["install", "-y", "--no-install-recommends", ...packages]);
}

/** Installs a Chromium. @returns {string | undefined} the executable, if one is there now */
export function installChromium() {
  run("npx", ["playwright", "install", ...(mayInstallPackages() ? ["--with-deps"] : []), "chromium"]);
  if (!findChromium()) installPackages("chromium");
  return findChromium();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const found = findChromium() ?? (process.argv.includes("--install") ? installChromium() : undefined);
  if (!found) {
    console.error(
      "No Chromium found. Set WEBGGUF_CHROMIUM to one, or run `npx playwright install chromium` (or `apt-get install chromium`).",
    );
    process.exit(1);
  }
  console.log(found);
}
