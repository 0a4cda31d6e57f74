import { resolve } from "node:path";
import { serve } from "../../bench/peers/server.ts";
import { answers, ask, expect, openTiny, settled, test } from "./flow.ts";

/** What a browser does whose owner allows pages no storage; locks are refused with it. */
const NO_STORAGE = `for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get() { throw new DOMException("The operation is insecure.", "SecurityError"); },
  });
}
navigator.locks.request = () => Promise.reject(new DOMException("The operation is insecure.", "SecurityError"));
`;

test("what the browser lacks is said once, on the first screen", async ({ tab }) => {
  await tab.role("button", "Choose a file").shows();
  const [threads, handles] = await tab.evaluate(() => [
    typeof SharedArrayBuffer !== "undefined",
    "showOpenFilePicker" in window,
  ]);
  const hints = await tab.selector(".welcome .hint").until("were not as many as what is missing", (looks) => {
    const about = (topic: RegExp) => looks.filter(({ text }) => topic.test(text)).length;
    return about(/one thread/) === Number(!threads) && about(/models from files/) === Number(!handles);
  });
  for (const { text } of hints) expect(text).not.toMatch(/served without the headers|let the page store/);
});

test("where nothing can be stored the page works, and says what is lost", async ({ tab }) => {
  const { origin, server } = await serve({ "/": resolve("dist") }, NO_STORAGE);
  try {
    await tab.goto(`${origin}/`);
    await tab.text(/does not let the page store the settings, the conversation, and the models/).shows();
    await openTiny(tab);
    await ask(tab, "Hello!");
    await settled(tab);
    await answers(tab).counts(1);
    await tab.role("button", "Benchmark").click();
    await tab.text(/This browser keeps nothing/).shows();
  } finally {
    server.close();
  }
});
