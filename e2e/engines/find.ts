/**
 * Finds the browsers that the flows run in: what an environment variable names, then Playwright's own, then the system's.
 * `npx tsx e2e/engines/find.ts` says what is there; with `--install`, as root on Debian, it gets from packages what is not.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { firefox, webkit } from "playwright";
import { findChromium, installPackages, isExecutable, named, onPath } from "../../scripts/chromium.mjs";

export const ENGINES = ["chromium", "firefox", "webkit"] as const;
export type Engine = (typeof ENGINES)[number];

/** A browser, and what drives it. */
export type Found =
  | { readonly by: "playwright"; readonly browser: string }
  | { readonly by: "bidi"; readonly browser: string }
  | { readonly by: "webdriver"; readonly browser: string; readonly driver: string; readonly display: string };

/** How to get one. */
export const REMEDIES: Record<Engine, string> = {
  chromium: "set WEBGGUF_CHROMIUM, or run `npx playwright install chromium`",
  firefox: "set WEBGGUF_FIREFOX, or run `npx playwright install firefox` or `apt-get install firefox-esr`",
  webkit:
    "run `npx playwright install webkit` or `apt-get install webkit2gtk-driver xvfb`; WEBGGUF_WEBKIT names a MiniBrowser",
};

const PACKAGES: Record<Engine, string[]> = {
  chromium: ["chromium"],
  firefox: ["firefox-esr"],
  webkit: ["webkit2gtk-driver", "xvfb"],
};

const FIREFOX_PATHS = [
  "/Applications/Firefox.app/Contents/MacOS/firefox",
  "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
];

/** Where distributions have WebKitGTK's own small browser: in a folder that is named by its version. */
const WEBKITGTK_FOLDERS = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/libexec"];

function findMiniBrowser(): string | undefined {
  const versions = WEBKITGTK_FOLDERS.filter(existsSync).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.startsWith("webkit2gtk-") || name.startsWith("webkitgtk-"))
      .map((name) => join(folder, name, "MiniBrowser")),
  );
  return versions.filter(isExecutable).at(-1);
}

const own = (path: string): Found | undefined =>
  path && existsSync(path) ? { by: "playwright", browser: path } : undefined;

function findFirefox(): Found | undefined {
  const chosen = named("WEBGGUF_FIREFOX");
  if (chosen) return { by: "bidi", browser: chosen };
  const browser = onPath(["firefox-esr", "firefox"]) ?? FIREFOX_PATHS.find(isExecutable);
  return own(firefox.executablePath()) ?? (browser ? { by: "bidi", browser } : undefined);
}

function findWebKit(): Found | undefined {
  const chosen = named("WEBGGUF_WEBKIT");
  const playwrights = own(webkit.executablePath());
  if (!chosen && playwrights) return playwrights;
  const browser = chosen ?? findMiniBrowser();
  const driver = onPath(["WebKitWebDriver"]);
  const display = onPath(["Xvfb"]);
  return browser && driver && display ? { by: "webdriver", browser, driver, display } : undefined;
}

/** The browser of an engine; undefined where none is installed. */
export function findBrowser(engine: Engine): Found | undefined {
  if (engine === "firefox") return findFirefox();
  if (engine === "webkit") return findWebKit();
  const browser = findChromium();
  return browser ? { by: "playwright", browser } : undefined;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const missing = ENGINES.filter((engine) => !findBrowser(engine));
  if (missing.length > 0 && process.argv.includes("--install")) {
    installPackages(...missing.flatMap((engine) => PACKAGES[engine]));
  }
  for (const engine of ENGINES)
    console.log(`${engine}: ${findBrowser(engine)?.browser ?? `none; ${REMEDIES[engine]}`}`);
}
