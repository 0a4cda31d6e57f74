import {
  answers,
  ask,
  chooseFile,
  composer,
  GREEDY,
  openTiny,
  questions,
  settled,
  temporaryFile,
  test,
  tinyFile,
  withSettings,
} from "./flow.ts";
import { serveModel } from "./model-server.ts";

test("a first visit says what this is, and the ways to a model", async ({ tab }) => {
  await tab.role("heading", "Run a language model in this tab").shows();
  await tab.text(/^Nothing leaves this tab/).shows();
  await tab.role("button", "Choose a file").shows();
  await tab.role("textbox", "or open one by its address").shows();
  await tab.role("region", "Opened before").isGone();
});

test("a file that is no model: what was found, and a way on", async ({ tab }) => {
  await chooseFile(tab, temporaryFile("notes.txt", "Dear diary, this is not a model at all. ".repeat(20)));
  const problem = tab.role("alert");
  await problem.role("heading", "This is not a GGUF file").shows();
  await problem.role("button", "Choose another file").shows();
  await chooseFile(tab, temporaryFile("short.gguf", Buffer.from("GGUF\u0003\u0000\u0000\u0000", "latin1")));
  await problem.role("heading", "The file is not complete").shows();
  await problem.role("button", "Choose another file").choose(tinyFile);
  await composer(tab).shows();
  await problem.isGone();
});

test("a bad file does not displace the model or the conversation", async ({ tab }) => {
  await withSettings(tab, { ...GREEDY, maxTokens: 8 });
  await openTiny(tab);
  await ask(tab, "Still there?");
  await settled(tab);
  await tab.role("button", "Open another model").click();
  await chooseFile(tab, temporaryFile("bad.gguf", "PK\u0003\u0004 a zip, really"));
  await tab.role("alert").shows("bad.gguf");
  await tab.role("button", "Dismiss this message").click();
  await questions(tab).shows("Still there?");
  await ask(tab, "Yes?");
  await settled(tab);
  await answers(tab).counts(2);
});

test("an address opens, is remembered, and a wrong one is explained", async ({ tab }) => {
  const { address, close } = await serveModel(tinyFile);
  try {
    const field = tab.role("textbox", "or open one by its address");
    await field.fill("ftp://example.org/model.gguf");
    await tab.press("Enter");
    await tab.role("alert").shows("is not an address that starts with https://");
    await field.fill(address);
    await tab.press("Enter");
    await composer(tab).shows();
    await tab.role("button", "Open another model").click();
    await tab
      .role("dialog")
      .role("button", /^tiny\.gguf/)
      .shows();
    await tab.reload();
    await tab.role("button", /^tiny\.gguf/).click();
    await composer(tab).shows();
  } finally {
    await close();
  }
});

test("the model's facts, metadata and tensors", async ({ tab }) => {
  await openTiny(tab);
  await tab.role("button", "Tensors and metadata").click();
  const dialog = tab.role("dialog");
  await dialog.shows("Architecturellama");
  await dialog.role("tab", "Overview").click();
  await tab.press("ArrowRight");
  await dialog.role("tabpanel").shows("general.architecture");
  await dialog.role("tab", /^Tensors/).click();
  await dialog.role("searchbox", "Filter tensors").fill("token_embd");
  await dialog.role("rowheader").shows("token_embd.weight");
});
