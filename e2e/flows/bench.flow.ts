import { SHORT } from "../bench-form.ts";
import { expect, type Tab, test } from "./flow.ts";

const results = (tab: Tab, name: string) => tab.role("region", `Results of ${name}`);

/** Names of the runs that lie in the browser's database. */
const storedNames = () =>
  new Promise<string[]>((resolve, reject) => {
    const opening = indexedDB.open("keyval-store");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const reading = opening.result.transaction("keyval").objectStore("keyval").get("bench-history");
      reading.onerror = () => reject(reading.error);
      reading.onsuccess = () => {
        const entries = (reading.result ?? []) as { report: { name: string } }[];
        resolve(entries.map(({ report }) => report.name));
        opening.result.close();
      };
    };
  });

test("measures a synthetic model and keeps the run, under the person's name for it", async ({ tab }) => {
  // As one who had set it up so before.
  await tab.evaluate((form) => localStorage.setItem("webgguf.bench", JSON.stringify(form)), SHORT);
  await tab.role("button", "Benchmark").click();
  await tab.text("How fast is this machine?").shows();
  await tab.role("button", "Run the benchmark").click();
  const result = results(tab, "Run 1");
  await result.shows("random weights");
  await result.role("heading", /^Tiny Q8_0, wasm, \d+ threads?$/).shows();
  for (const name of ["pp16", "tg4", "pp16 @ d64", "tg4 @ d64"]) {
    await result.role("row", new RegExp(`^${name} [\\d.]+ tokens/s`)).shows();
  }
  await result.role("img", /^Tokens per second by depth: pp16 from .* at 0 to .* at 64/).shows();
  await result.role("button", "5 samples of pp16").click();
  const { text } = await result.selector(".bench-samples").shows();
  const samples = text.trim().split(/\s+/).map(Number);
  expect(samples).toHaveLength(5);
  expect(samples.every((value) => value > 0)).toBe(true);

  await result.role("textbox", "Name of this run").fill("before");
  await tab.press("Enter");
  await tab
    .role("region", "History")
    .role("button", /^before/)
    .shows();
  // A name is shown at once, and written meanwhile.
  await expect.poll(() => tab.evaluate(storedNames)).toEqual(["before"]);
  await tab.reload();
  await tab.role("button", "Benchmark").click();
  await results(tab, "before")
    .role("row", /^pp16 /)
    .first.shows();
});
