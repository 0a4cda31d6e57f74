import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Builder, Capabilities, Key, type WebDriver, type WebElement } from "selenium-webdriver";
import type { Browser, Driver } from "./driver.ts";
import type { Found } from "./find.ts";

const STARTING_MILLISECONDS = 20_000;
/** For what a page computes. */
const SCRIPT_MILLISECONDS = 3_600_000;

const KEYS: Record<string, string> = {
  Enter: Key.ENTER,
  Escape: Key.ESCAPE,
  Tab: Key.TAB,
  Backspace: Key.BACK_SPACE,
  Delete: Key.DELETE,
  ArrowUp: Key.ARROW_UP,
  ArrowDown: Key.ARROW_DOWN,
  ArrowLeft: Key.ARROW_LEFT,
  ArrowRight: Key.ARROW_RIGHT,
  Control: Key.CONTROL,
  Shift: Key.SHIFT,
  Alt: Key.ALT,
  Meta: Key.META,
};

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill();
  await gone;
}

/** A screen in memory. @returns its process and its name, by the number that it chose itself */
async function startDisplay(program: string): Promise<{ process: ChildProcess; name: string }> {
  const args = ["-displayfd", "1", "-screen", "0", "1920x1400x24", "-nolisten", "tcp"];
  const process = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
  for await (const line of createInterface(process.stdout!)) return { process, name: `:${line.trim()}` };
  throw new Error(`${program} did not start.`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function startDriver(program: string, display: string): Promise<{ process: ChildProcess; address: string }> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const env = { ...globalThis.process.env, DISPLAY: display, GDK_BACKEND: "x11" };
  const process = spawn(program, [`--port=${port}`, "--host=127.0.0.1"], { env, stdio: "ignore" });
  const end = Date.now() + STARTING_MILLISECONDS;
  while (
    !(await fetch(`${address}/status`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (Date.now() > end) {
      await stop(process);
      throw new Error(`${program} did not answer within ${STARTING_MILLISECONDS / 1000} seconds.`);
    }
    await sleep(50);
  }
  return { process, address };
}

/**
 * This WebDriver does not tell what a page writes to its console. A listener that is put into each document does, but for
 * what happens before the document has loaded and what happens inside of workers that the page does not report.
 */
const LISTEN = `(() => {
  const faults = [];
  addEventListener("error", (event) => faults.push(event.message));
  addEventListener("unhandledrejection", (event) => faults.push(String(event.reason)));
  addEventListener("securitypolicyviolation", (event) => faults.push("refused by policy: " + event.blockedURI));
  const { error } = console;
  console.error = (...parts) => (faults.push(parts.join(" ")), error.apply(console, parts));
  globalThis.faultsOfThisDocument = faults;
  return "";
})()`;

/** Drives WebKitGTK's MiniBrowser through WebKitWebDriver, on a screen in memory. */
export async function launchWebKit({ browser, driver, display }: Found & { by: "webdriver" }): Promise<Browser> {
  const screen = await startDisplay(display);
  const service = await startDriver(driver, screen.name).catch(async (error) => {
    await stop(screen.process);
    throw error;
  });
  return {
    open: () => openSession(service.address, browser),
    close: async () => {
      await stop(service.process);
      await stop(screen.process);
    },
  };
}

async function openSession(address: string, binary: string): Promise<Driver<WebElement>> {
  const capabilities = new Capabilities({
    browserName: "MiniBrowser",
    "webkitgtk:browserOptions": { binary, args: ["--automation"] },
  });
  const session = await new Builder().usingServer(address).withCapabilities(capabilities).build();
  await session.manage().setTimeouts({ script: SCRIPT_MILLISECONDS });
  const earlier: string[] = [];
  const evaluate = (expression: string) => evaluateIn(session, expression);
  const faults = async () => JSON.parse(await evaluate("JSON.stringify(globalThis.faultsOfThisDocument ?? [])"));
  const afresh = async (load: () => Promise<void>) => {
    earlier.push(...(await faults()));
    await load();
    await evaluate(LISTEN);
  };
  return {
    goto: (url) => afresh(() => session.get(url)),
    reload: () => afresh(() => session.navigate().refresh()),
    evaluate,
    element: (expression) => session.executeScript<WebElement | null>(`return ${expression}`),
    click: (element) => element.click(),
    type: (text) => session.actions().sendKeys(text).perform(),
    press: (keys) => pressTogether(session, keys),
    giveFiles: (element, paths) => element.sendKeys(paths.join("\n")),
    resize: (width, height) => resize(session, width, height),
    screenshot: async () => Buffer.from(await session.takeScreenshot(), "base64"),
    faults: async () => [...earlier, ...(await faults())],
    close: () => session.quit(),
  };
}

async function evaluateIn(session: WebDriver, expression: string): Promise<string> {
  const { value, error } = await session.executeAsyncScript<{ value: string; error?: string }>(
    `const done = arguments[0];
    const fail = (error) => done({ error: String(error?.stack && error.message ? error + "\\n" + error.stack : error) });
    try { Promise.resolve(${expression}).then((value) => done({ value }), fail); } catch (error) { fail(error); }`,
  );
  if (error !== undefined) throw new Error(error);
  return value;
}

async function pressTogether(session: WebDriver, keys: readonly string[]): Promise<void> {
  const values = keys.map((key) => KEYS[key] ?? key);
  const actions = session.actions();
  for (const value of values) actions.keyDown(value);
  for (const value of values.reverse()) actions.keyUp(value);
  await actions.perform();
}

/** A window has a frame and bars around the page. */
async function resize(session: WebDriver, width: number, height: number): Promise<void> {
  const window = session.manage().window();
  const [innerWidth, innerHeight] = JSON.parse(await evaluateIn(session, "JSON.stringify([innerWidth, innerHeight])"));
  const outer = await window.getRect();
  await window.setRect({
    x: 0,
    y: 0,
    width: outer.width + width - innerWidth,
    height: outer.height + height - innerHeight,
  });
}
