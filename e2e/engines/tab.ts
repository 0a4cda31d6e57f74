import { setTimeout as sleep } from "node:timers/promises";
import type { Driver } from "./driver.ts";
import { findElements, type Look, lookAt, patternOf, QUERIES, type Step } from "./find-elements.ts";

/** How long a person waits for the page to show something. */
const PATIENCE_MILLISECONDS = 15_000;
const GLANCE_MILLISECONDS = 50;

/** tsx wraps functions in this helper, which the page does not have. */
const HELPER = "const __name = (fn) => fn;";

/** A function and its arguments as an expression, which gives its result as JSON. */
function callOf(fn: (...args: never[]) => unknown, args: readonly unknown[]): string {
  return `(async () => { ${HELPER} return JSON.stringify(await (${fn})(...${JSON.stringify(args)})); })()`;
}

/** An expression of what `then` makes of the elements at the end of the steps; null where `findElements` gives nothing. */
const elementsAt = (steps: readonly Step[], then: string) =>
  `(() => { ${HELPER} const elements = (${findElements})(${JSON.stringify(steps)}); return elements ? ${then} : null; })()`;

/**
 * Where in the page something is: `tab.role("dialog", "Settings").role("button", "Exact")`. It is looked for whenever it is
 * used, and only what can be seen is found. A name or text is a whole one, or a regular expression.
 */
export class Place {
  protected readonly driver: Driver;
  private readonly steps: readonly Step[];

  constructor(driver: Driver, steps: readonly Step[]) {
    this.driver = driver;
    this.steps = steps;
  }

  /** By role and accessible name. */
  role(role: string, name?: string | RegExp): Place {
    return this.within({ by: "role", role, name: name === undefined ? undefined : patternOf(name) });
  }

  /** The element whose own text it is. */
  text(text: string | RegExp): Place {
    return this.within({ by: "text", text: patternOf(text) });
  }

  /** For what has neither role nor text. */
  selector(selector: string): Place {
    return this.within({ by: "selector", selector });
  }

  get first(): Place {
    return this.within({ by: "index", index: 0 });
  }

  get last(): Place {
    return this.within({ by: "index", index: -1 });
  }

  toString(): string {
    return this.steps
      .map((step) => {
        if (step.by === "index") return step.index === 0 ? "(first)" : "(last)";
        if (step.by === "selector") return step.selector;
        const pattern = step.by === "role" ? step.name : step.text;
        const text = pattern && ("exactly" in pattern ? `"${pattern.exactly}"` : `/${pattern.source}/${pattern.flags}`);
        return [step.by === "role" ? step.role : "text", text].filter(Boolean).join(" ");
      })
      .join(" › ");
  }

  /** How all elements here look at this moment. */
  async look(): Promise<Look[]> {
    const expression = `JSON.stringify(${elementsAt(this.steps, `elements.map(${lookAt})`)})`;
    const looks = () => this.driver.evaluate(expression).then((json) => JSON.parse(json) as Look[] | null);
    const found = await looks();
    if (found) return found;
    await this.driver.evaluate(QUERIES);
    return (await looks()) ?? [];
  }

  /** Waits until all elements here are as they should be, and gives how they look. */
  async until(wanted: string, isSo: (looks: readonly Look[]) => boolean): Promise<Look[]> {
    const end = Date.now() + PATIENCE_MILLISECONDS;
    for (;;) {
      // A page that is being replaced by another cannot be looked at.
      const looks = await this.look().catch((error: unknown) => error as Error);
      if (!(looks instanceof Error) && isSo(looks)) return looks;
      if (Date.now() > end) {
        const seen = looks instanceof Error ? String(looks) : JSON.stringify(looks, null, 1);
        throw new Error(`${this}: ${wanted} within ${PATIENCE_MILLISECONDS / 1000} seconds. Instead: ${seen}`);
      }
      await sleep(GLANCE_MILLISECONDS);
    }
  }

  /** Waits until one element is here and, if it is given, a part of its text matches. */
  async shows(text: string | RegExp = ""): Promise<Look> {
    const matches = (look: Look) => (typeof text === "string" ? look.text.includes(text) : text.test(look.text));
    const wanted = text === "" ? "was not there" : `did not show ${text}`;
    return (await this.until(wanted, (looks) => looks.length === 1 && matches(looks[0])))[0];
  }

  /** Waits until a field holds exactly this. */
  async holds(value: string): Promise<void> {
    await this.until(`did not hold "${value}"`, (looks) => looks.length === 1 && looks[0].value === value);
  }

  async isFocused(): Promise<void> {
    await this.until("was not focused", (looks) => looks.length === 1 && looks[0].focused);
  }

  async isGone(): Promise<void> {
    await this.until("was not gone", (looks) => looks.length === 0);
  }

  async counts(number: number): Promise<void> {
    await this.until(`were not ${number}`, (looks) => looks.length === number);
  }

  /** Clicks it, once it is here and enabled. */
  async click(): Promise<void> {
    const end = Date.now() + PATIENCE_MILLISECONDS;
    for (;;) {
      await this.until("was not there to be clicked", (looks) => looks.length === 1 && looks[0].enabled);
      try {
        const element = await this.driver.element(elementsAt(this.steps, "elements[0]"));
        if (element) return await this.driver.click(element);
      } catch (error) {
        // It has just been replaced, or something lies over it for a moment.
        if (Date.now() > end) throw error;
      }
      await sleep(GLANCE_MILLISECONDS);
    }
  }

  /** Writes into a field, in place of what it holds. */
  async fill(text: string): Promise<void> {
    await this.click();
    await this.driver.evaluate(`(document.activeElement.select(), "")`);
    if (text === "") await this.driver.press(["Delete"]);
    else await this.driver.type(text);
    await this.holds(text);
  }

  /**
   * Clicks what opens the browser's dialog for files, and chooses some. No driver can operate that dialog, so the page's
   * input is kept from opening it and gets the files at once.
   */
  async choose(...paths: string[]): Promise<void> {
    await this.driver.evaluate(`(() => {
      addEventListener("click", (event) => {
        if (!event.target.matches?.("input[type=file]")) return;
        event.preventDefault();
        globalThis.inputThatAsks = event.target;
      }, true);
      globalThis.inputThatAsks = null;
      return "";
    })()`);
    await this.click();
    const end = Date.now() + PATIENCE_MILLISECONDS;
    for (;;) {
      const input = await this.driver.element("globalThis.inputThatAsks");
      if (input) return await this.driver.giveFiles(input, paths);
      if (Date.now() > end) throw new Error(`${this} did not ask for files.`);
      await sleep(GLANCE_MILLISECONDS);
    }
  }

  private within(step: Step): Place {
    return new Place(this.driver, [...this.steps, step]);
  }
}

/** A tab, and what a person does in it: input is real, and what is found and waited for is the same in each browser. */
export class Tab extends Place {
  private readonly closing: () => Promise<void>;

  constructor(driver: Driver, closing: () => Promise<void>) {
    super(driver, []);
    this.closing = closing;
  }

  goto(url: string): Promise<void> {
    return this.driver.goto(url);
  }

  reload(): Promise<void> {
    return this.driver.reload();
  }

  /** Types where the focus is. */
  type(text: string): Promise<void> {
    return this.driver.type(text);
  }

  /** Keys that are pressed together: `press("Control", "Shift", "O")`. */
  press(...keys: string[]): Promise<void> {
    return this.driver.press(keys);
  }

  /** Runs a function in the page. It sees nothing of this side but its arguments; these and the result are JSON. */
  async evaluate<Args extends unknown[], Result>(
    fn: (...args: Args) => Result,
    ...args: Args
  ): Promise<Awaited<Result>> {
    const json = await this.driver.evaluate(callOf(fn, args));
    return (json ? JSON.parse(json) : undefined) as Awaited<Result>;
  }

  resize(width: number, height: number): Promise<void> {
    return this.driver.resize(width, height);
  }

  /** A picture of the page, as PNG. */
  screenshot(): Promise<Uint8Array> {
    return this.driver.screenshot();
  }

  /** Errors that the page did not catch, and those on its console. */
  faults(): Promise<readonly string[]> {
    return this.driver.faults();
  }

  async close(): Promise<void> {
    await this.driver.close();
    await this.closing();
  }
}
