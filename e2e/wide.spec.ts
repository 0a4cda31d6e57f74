import { expect, test } from "@playwright/test";
import type { WideTests } from "./wide-page/main.ts";

declare global {
  interface Window {
    wideTests: WideTests;
  }
}

test.use({ baseURL: "http://localhost:4174" });
test.describe.configure({ timeout: 180_000 });

for (const build of ["relaxed64-threads", "relaxed64"] as const) {
  test(`CPU kernels with 64-bit addresses compute what the reference does: ${build}`, async ({ page }) => {
    await page.goto("/e2e/wide-page/index.html");
    await page.waitForFunction(() => "wideTests" in window);
    const results = await page.evaluate((name) => window.wideTests.run(name), build);
    const worst = Math.max(...results.map(({ deviation }) => deviation));
    console.info(
      `${results.length} cases, largest deviation relative to the expected rows' RMS: ${worst.toExponential(1)}`,
    );
    expect(results.length).toBeGreaterThan(200);
    expect(results.filter(({ deviation, tolerance }) => !(deviation <= tolerance))).toEqual([]);
  });
}
