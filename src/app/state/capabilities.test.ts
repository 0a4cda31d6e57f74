import { describe, expect, it } from "vitest";
import { type Capabilities, whatIsMissing, whyOneThread } from "./capabilities.ts";

const EVERYTHING: Capabilities = {
  isolated: true,
  threads: true,
  wideMemory: true,
  fileHandles: true,
  keeps: { settings: true, conversation: true, models: true },
};
const NOTHING_KEPT = { settings: false, conversation: false, models: false };

describe("whatIsMissing", () => {
  it("is silent where nothing is missing", () => {
    expect(whatIsMissing(EVERYTHING)).toEqual([]);
  });

  it("tells headers that the server does not send from memory that the browser does not give", () => {
    expect(whyOneThread({ isolated: false, threads: false })).toMatch(/served without the headers/);
    expect(whyOneThread({ isolated: true, threads: false })).toMatch(
      /^This browser gives pages no memory that threads/,
    );
    expect(whyOneThread(EVERYTHING)).toBeUndefined();
  });

  it("has a sentence for each thing, in order of weight", () => {
    const missing = whatIsMissing({ ...EVERYTHING, threads: false, wideMemory: false, fileHandles: false });
    expect(missing.map((sentence) => /one thread|4 GB|from files/.exec(sentence)?.[0])).toEqual([
      "one thread",
      "4 GB",
      "from files",
    ]);
  });

  it("says what is not kept, and nothing more of files then", () => {
    expect(whatIsMissing({ ...EVERYTHING, fileHandles: false, keeps: NOTHING_KEPT })).toEqual([
      "This browser does not let the page store the settings, the conversation, and the models opened before: gone when it is closed or reloaded.",
    ]);
    const [sentence] = whatIsMissing({ ...EVERYTHING, keeps: { ...EVERYTHING.keeps, conversation: false } });
    expect(sentence).toContain("store the conversation:");
  });
});
