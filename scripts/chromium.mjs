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

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function fromPath() {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of SYSTEM_NAMES) {
      const path = join(folder, name);
      if (folder && isExecutable(path)) return path;
    }
  }
  return undefined;
}

/**
 * @returns {string | undefined} the executable
 * @throws when WEBGGUF_CHROMIUM names a file that is not there
 */
export function findChromium() {
  const named = process.env.WEBGGUF_CHROMIUM;
  if (named) {
    if (!existsSync(named)) throw new Error(`WEBGGUF_CHROMIUM is ${named}, and there is no such file.`);
    return named;
  }
  const own = chromium.executablePath();
  if (own && existsSync(own)) return own;
  return fromPath() ?? SYSTEM_PATHS.find(isExecutable);
}

/** Flags that a container needs: Chromium's sandbox does not start as root. */
export const chromiumArgs = () => (isRoot() ? ["--no-sandbox"] : []);

const run = (command, args) => spawnSync(command, args, { stdio: ["ignore", 2, 2] }).status === 0;

/** Installs a Chromium. @returns {string | undefined} the executable, if one is there now */
export function installChromium() {
  const aptGet = isRoot() && existsSync("/usr/bin/apt-get");
  run("npx", ["playwright", "install", ...(aptGet ? ["--with-deps"] : []), "chromium"]);
  if (!findChromium() && aptGet) {
    run("apt-get", ["update"]);
    run("apt-get", ["install", "-y", "--no-install-recommends", "chromium"]);
  }
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
