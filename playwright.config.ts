import { defineConfig } from "@playwright/test";
import { ENGINES, type Engine } from "./e2e/engines/find.ts";
import { chromiumArgs, findChromium } from "./scripts/chromium.mjs";

export default defineConfig<object, { engine: Engine }>({
  testDir: "e2e",
  outputDir: "test-results",
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: !!process.env.CI,
  reporter: "list",
  use: {
    baseURL: "http://localhost:4173",
    viewport: { width: 1280, height: 860 },
    launchOptions: { executablePath: findChromium(), args: chromiumArgs() },
  },
  projects: [
    { name: "page" },
    ...ENGINES.map((engine) => ({
      name: engine,
      testMatch: "flows/*.flow.ts",
      use: { engine },
      // Firefox under WebDriver BiDi hangs now and then in `new Worker` inside of a worker; without a driver it does not.
      retries: engine === "firefox" ? 3 : 0,
    })),
  ],
  webServer: [
    { command: "npx vite preview", url: "http://localhost:4173", reuseExistingServer: !process.env.CI },
    {
      command: "npx vite --port 4174 --strictPort",
      url: "http://localhost:4174/e2e/gpu-page/index.html",
      reuseExistingServer: !process.env.CI,
    },
  ],
});
