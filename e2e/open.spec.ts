import {
  ask,
  composer,
  dropFiles,
  expect,
  GREEDY,
  openTiny,
  questions,
  ready,
  settled,
  temporaryFile,
  test,
  tinyFile,
  visit,
} from "./page.ts";

test("a file held over the page is announced all over it", async ({ page }) => {
  await visit(page);
  await dropFiles(page, [tinyFile], { release: false });
  await expect(page.getByText("Let go to open the model")).toBeVisible();
});

test("a file dropped on an open dialog opens as well", async ({ page }) => {
  await visit(page);
  await page.getByRole("button", { name: "Settings" }).click();
  await dropFiles(page, [tinyFile], { release: false });
  await expect(page.getByText("Let go to open the model")).toBeVisible();
  await dropFiles(page, [tinyFile]);
  await expect(composer(page)).toBeVisible();
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("a file that is no model: what was found, and a way on", async ({ page }) => {
  await visit(page);
  await dropFiles(page, [temporaryFile("notes.txt", "Dear diary, this is not a model at all. ".repeat(20))]);
  const problem = page.getByRole("alert");
  await expect(problem.getByRole("heading")).toHaveText("This is not a GGUF file");
  await expect(problem.getByRole("button", { name: "Choose another file" })).toBeVisible();
  await openTiny(page);
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("a bad file does not displace the model or the conversation", async ({ page }) => {
  await visit(page, { settings: { ...GREEDY, maxTokens: 8 } });
  await openTiny(page);
  await ask(page, "Still there?");
  await settled(page);
  await dropFiles(page, [temporaryFile("bad.gguf", "PK\u0003\u0004 a zip, really")]);
  await expect(page.getByRole("alert")).toContainText("bad.gguf");
  await page.getByRole("button", { name: "Dismiss this message" }).click();
  await expect(questions(page)).toContainText("Still there?");
  await ask(page, "Yes?");
  await settled(page);
});

test("a damaged file gets its own message", async ({ page }) => {
  await visit(page);
  await dropFiles(page, [temporaryFile("short.gguf", Buffer.from("GGUF\u0003\u0000\u0000\u0000", "latin1"))]);
  await expect(page.getByRole("alert").getByRole("heading")).toHaveText("The file is not complete");
});

test("files opened before are offered again after a reload, and can be forgotten", async ({ page }) => {
  await visit(page);
  await openTiny(page);
  const recent = page.getByRole("region", { name: "Opened before" });
  await page.getByRole("button", { name: "Open another model" }).click();
  await expect(recent.getByRole("button", { name: /^tiny\.gguf/ })).toBeVisible();
  await page.reload();
  await expect(recent.getByRole("button", { name: /^tiny\.gguf/ })).toBeVisible();
  await openTiny(page);
  await page.getByRole("button", { name: "Open another model" }).click();
  await expect(recent.getByRole("listitem")).toHaveCount(1);
  await page.reload();
  await recent.getByRole("button", { name: /^tiny\.gguf/ }).click();
  await expect(composer(page)).toBeVisible();
  await page.reload();
  await recent.getByRole("button", { name: "Remove tiny.gguf from this list" }).click();
  await expect(page.getByRole("button", { name: "Choose a file" })).toBeVisible();
  await expect(recent).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("button", { name: "Choose a file" })).toBeVisible();
  await expect(recent).toHaveCount(0);
});

test("an address opens, is remembered, and a wrong one is explained", async ({ page, baseURL }) => {
  const bytes = await import("node:fs").then((fs) => fs.readFileSync(tinyFile));
  await page.context().route("**/models/tiny.gguf", (route) => {
    const range = /bytes=(\d+)-(\d+)/.exec(route.request().headers().range ?? "");
    if (!range) return route.fulfill({ body: bytes });
    const [from, to] = [Number(range[1]), Math.min(Number(range[2]), bytes.length - 1)];
    const headers = { "Content-Range": `bytes ${from}-${to}/${bytes.length}`, "Accept-Ranges": "bytes" };
    return route.fulfill({ status: 206, headers, body: bytes.subarray(from, to + 1) });
  });
  await visit(page);
  const address = page.getByLabel("or open one by its address");
  await address.fill("ftp://example.org/model.gguf");
  await address.press("Enter");
  await expect(page.getByRole("alert")).toContainText("is not an address that starts with https://");
  await address.fill(`${baseURL}/models/tiny.gguf`);
  await address.press("Enter");
  await expect(composer(page)).toBeVisible();
  await page.getByRole("button", { name: "Open another model" }).click();
  await expect(page.getByRole("dialog").getByRole("button", { name: /^tiny\.gguf/ })).toBeVisible();
  await page.reload();
  await page.getByRole("button", { name: /^tiny\.gguf/ }).click();
  await expect(ready(page)).toBeVisible();
});

test("settings persist, and load options take effect on loading again", async ({ page }) => {
  await visit(page);
  await openTiny(page);
  await page.getByRole("button", { name: "Settings" }).click();
  const settings = page.getByRole("dialog", { name: "Settings" });
  await settings.getByRole("button", { name: "Exact" }).click();
  await settings.getByLabel("Max tokens").fill("33");
  await settings.getByLabel("System prompt").fill("Be brief.");
  await settings.getByLabel("Top K").fill("-3");
  await expect(settings.getByText("A whole number from 0 up.")).toBeVisible();
  await settings.getByLabel("Context length").fill("128");
  await settings.getByRole("button", { name: "Load the model again with these" }).click();
  await expect(page.getByText("of 128 tokens")).toBeVisible();
  await page.reload();
  await page.getByRole("button", { name: "Settings" }).click();
  await expect(settings.getByLabel("Max tokens")).toHaveValue("33");
  await expect(settings.getByLabel("System prompt")).toHaveValue("Be brief.");
  await expect(settings.getByLabel("Temperature")).toHaveValue("0");
  await expect(settings.getByLabel("Top K")).toHaveValue("40");
  await settings.getByRole("button", { name: "Reset to the defaults" }).click();
  await expect(settings.getByLabel("Temperature")).toHaveValue("0.8");
});

test("the model's facts, metadata and tensors", async ({ page }) => {
  await visit(page);
  await openTiny(page);
  await page.getByRole("button", { name: "Tensors and metadata" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Architecturellama");
  await dialog.getByRole("tab", { name: "Overview" }).press("ArrowRight");
  await expect(dialog.getByRole("tabpanel")).toContainText("general.architecture");
  await dialog.getByRole("tab", { name: "Tensors" }).click();
  await dialog.getByLabel("Filter tensors").fill("token_embd");
  await expect(dialog.getByRole("rowheader")).toHaveText(["token_embd.weight"]);
});
