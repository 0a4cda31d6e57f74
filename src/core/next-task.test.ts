import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { nextTask } from "./next-task.ts";

describe("nextTask", () => {
  it("resolves in a later task, in order", async () => {
    const order: string[] = [];
    const first = nextTask().then(() => order.push("first"));
    const second = nextTask().then(() => order.push("second"));
    for (let i = 0; i < 20; i++) await Promise.resolve();
    order.push("microtasks");
    await Promise.all([first, second]);
    expect(order).toEqual(["microtasks", "first", "second"]);
  });

  it("keeps a process of Node alive while somebody waits, and no longer", () => {
    const module = JSON.stringify(new URL("./next-task.ts", import.meta.url).href);
    const script = `const { nextTask } = await import(${module}); await nextTask(); await nextTask(); console.log("through");`;
    const { stdout, status } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
      encoding: "utf8",
      timeout: 30_000,
    });
    expect([stdout.trim(), status]).toEqual(["through", 0]);
  });
});
