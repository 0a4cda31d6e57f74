import { readFileSync } from "node:fs";
import { tinyModel } from "../test/fixtures.ts";
import { hasReference, referenceJson } from "../test/reference.ts";
import { dropFiles, expect, storiesFile, temporaryFile, test, visit } from "./page.ts";

interface Golden {
  prompt: string;
  tokens: number[];
  greedy: number[];
}

/** Keeps the dropped files where the test can hand them to the API. */
const keepDroppedFiles = () => {
  window.addEventListener(
    "drop",
    (event) => Object.assign(window, { dropped: [...(event.dataTransfer?.files ?? [])] }),
    true,
  );
};

/** What the API makes of the dropped file: the prompt's tokens, a greedy continuation, and its text. */
const throughTheApi = async ([prompt, maxTokens]: readonly [string, number]) => {
  const { dropped } = window as unknown as { dropped: File[] };
  const model = await window.webgguf.open(dropped);
  try {
    const prompted = await model.tokenize(prompt, { addSpecial: true });
    const tokens: number[] = [];
    let text = "";
    for await (const piece of model.generate(prompt, { temperature: 0, maxTokens, ignoreEos: true })) {
      tokens.push(piece.token);
      text += piece.text;
    }
    return { prompted, tokens, text, backend: model.info.backend };
  } finally {
    await model.close();
  }
};

async function writeOn(page: import("@playwright/test").Page, file: string, prompt: string, maxTokens: number) {
  await page.addInitScript(keepDroppedFiles);
  await visit(page, { settings: { sampling: { temperature: 0 }, ignoreEos: true, maxTokens } });
  await dropFiles(page, [file]);
  await page.getByRole("button", { name: "Completion" }).click();
  const text = page.getByRole("textbox", { name: "Text to continue" });
  await text.fill(prompt);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByText("Ended at max tokens")).toBeVisible();
  const visible = await text.inputValue();
  return { visible, ...(await page.evaluate(throughTheApi, [prompt, maxTokens] as const)) };
}

test("a dropped model continues the reference's prompt with the golden tokens", async ({ page }) => {
  test.skip(!hasReference, "needs the reference data");
  const golden = referenceJson<Golden>("real/stories260K.json");
  const { prompted, tokens, text, visible } = await writeOn(page, storiesFile!, golden.prompt, golden.greedy.length);
  expect(prompted).toEqual(golden.tokens);
  expect(tokens).toEqual(golden.greedy);
  expect(visible).toBe(golden.prompt + text);
});

test("the project's own fixture: page and API write the same, and so does every run", async ({ page }) => {
  const file = temporaryFile("fixture.gguf", tinyModel({ architecture: "llama", seed: 7 }));
  const first = await writeOn(page, file, "One fine day", 24);
  expect(first.tokens).toHaveLength(24);
  expect(first.visible).toBe(`One fine day${first.text}`);
  expect(await page.evaluate(throughTheApi, ["One fine day", 24] as const)).toEqual({
    prompted: first.prompted,
    tokens: first.tokens,
    text: first.text,
    backend: first.backend,
  });
});

test("the parts of a split file are dropped together, and named when one is missing", async ({ page }) => {
  test.skip(!hasReference, "needs the reference data");
  const whole = readFileSync(storiesFile!);
  const half = temporaryFile("split-00001-of-00002.gguf", whole);
  await visit(page);
  await dropFiles(page, [half, temporaryFile("other.gguf", whole)]);
  await expect(page.getByRole("alert")).toContainText("one model at a time");
});
