import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, expect, type Page } from "@playwright/test";
import type { Settings } from "../src/app/state/settings.ts";
import { tinyModel } from "../test/fixtures.ts";
import { hasReference, referenceFolder } from "../test/reference.ts";

export { expect };

/** A page that fails its test when something in it throws or is refused by the content security policy. */
export const test = base.extend({
  page: async ({ page }, use) => {
    const faults: string[] = [];
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(message.text());
    });
    await use(page);
    expect(faults).toEqual([]);
  },
});

const folder = resolve(dirname(fileURLToPath(import.meta.url)), "../.cache/e2e");
mkdirSync(folder, { recursive: true });

/** Writes bytes to a file that can be dropped. */
export function temporaryFile(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** The project's own fixture: random weights, a chat template. */
export const tinyFile = temporaryFile("tiny.gguf", tinyModel({ architecture: "llama" }));

/** A small trained model that writes English, where the reference data is there; it has no chat template. */
export const storiesFile = hasReference ? join(referenceFolder, "real/stories260K.gguf") : undefined;

/** Drags files from outside over the page and lets go: what a person does, not a change to an input. */
export async function dropFiles(page: Page, files: string[], { release = true } = {}): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  const types = release ? (["dragEnter", "dragOver", "drop"] as const) : (["dragEnter", "dragOver"] as const);
  for (const type of types) await devtools.send("Input.dispatchDragEvent", { type, x: 150, y: 200, data });
  if (release) await devtools.detach();
}

/** Opens the page with settings and a conversation from before. */
export async function visit(page: Page, { settings, conversation }: Before = {}): Promise<void> {
  await page.goto("/");
  if (!settings && !conversation) return;
  await page.evaluate(
    ([settings, conversation]) => {
      if (settings) localStorage.setItem("webgguf.settings", JSON.stringify(settings));
      if (conversation) sessionStorage.setItem("webgguf.conversation", JSON.stringify(conversation));
    },
    [settings, conversation] as const,
  );
  await page.reload();
}

export interface Before {
  settings?: DeepPartial<Settings>;
  conversation?: { messages: { id: number; role: string; content: string; ending?: string }[] };
}

type DeepPartial<T> = T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

/** Always the likeliest token, also past the end of the text. */
export const GREEDY = { sampling: { temperature: 0 }, ignoreEos: true } as const;

/** Writes until it is stopped. */
export const ENDLESS = { ...GREEDY, onContextFull: "shift", load: { contextLength: 16384 } } as const;

/** The part of the page where a model is ready to write. */
export const ready = (page: Page) => page.getByRole("button", { name: /^(Send|Continue)$/ });

export const composer = (page: Page) => page.getByRole("textbox", { name: "Message", exact: true });
export const answers = (page: Page) => page.getByRole("article", { name: "Model" });
export const questions = (page: Page) => page.getByRole("article", { name: /^You/ });

/** Drops the fixture and waits until it can be talked to. */
export async function openTiny(page: Page, options?: { timeout: number }): Promise<void> {
  await dropFiles(page, [tinyFile]);
  await expect(composer(page)).toBeVisible(options);
}

export async function ask(page: Page, question: string): Promise<void> {
  await composer(page).fill(question);
  await composer(page).press("Enter");
}

export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole("button", { name: "Send" })).toBeVisible();
  await expect(answers(page).last()).not.toHaveAttribute("aria-busy", "true");
}
