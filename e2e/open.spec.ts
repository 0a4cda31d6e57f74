import { composer, dropFiles, expect, openTiny, test, tinyFile, visit } from "./page.ts";

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
