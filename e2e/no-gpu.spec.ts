import { chromiumArgs, findChromium } from "../scripts/chromium.mjs";
import { dropFiles, expect, openTiny, ready, test, tinyFile, visit } from "./page.ts";

/** A browser that has no use of a graphics card. */
test.use({ launchOptions: { executablePath: findChromium(), args: [...chromiumArgs(), "--disable-gpu"] } });

const REASON = /This browser has no WebGPU|WebGPU found no graphics adapter/;

test("without WebGPU the CPU takes over, and a line says why", async ({ page }) => {
  await visit(page);
  await openTiny(page);
  const counters = page.getByRole("region", { name: "Counters" });
  await expect(counters).toContainText("BackendWASM on the CPU");
  await counters.getByText(/^Notes/).click();
  await expect(counters.getByText(REASON)).toBeVisible();
});

test("who asked for WebGPU is told that there is none, and led on", async ({ page }) => {
  await visit(page, { settings: { load: { backend: "webgpu" } } });
  await dropFiles(page, [tinyFile]);
  const problem = page.getByRole("alert");
  await expect(problem).toContainText(REASON);
  await problem.getByRole("button", { name: "Let the page choose the device" }).click();
  await expect(ready(page)).toBeVisible();
});
