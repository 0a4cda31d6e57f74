import { describe, expect, it } from "vitest";
import { describeMachine, machineLine } from "./machine.ts";

const FACTS = { platform: "Linux x86_64", logicalProcessors: 2, isolated: true };

const browser = (userAgent: string, brands?: { brand: string; version: string }[]) =>
  describeMachine({ ...FACTS, userAgent, brands }).browser;

describe("describeMachine", () => {
  it("takes the name that is meant from the list of brands", () => {
    const made = { brand: "Not=A?Brand", version: "8.0.0.0" };
    const chromium = { brand: "Chromium", version: "141.0.7390.37" };
    expect(browser("", [made, chromium])).toBe("Chromium 141.0.7390.37");
    expect(browser("", [chromium, made, { brand: "Google Chrome", version: "141.0.7390.54" }])).toBe(
      "Google Chrome 141.0.7390.54",
    );
  });

  it("reads the user agent where there are no brands", () => {
    expect(browser("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0")).toBe("Firefox 143.0");
    expect(
      browser("Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15"),
    ).toBe("Safari 26.0");
    expect(browser("Mozilla/5.0 AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36")).toBe("Chrome 140.0.0.0");
    expect(browser("something else")).toBe("something else");
  });

  it("leaves out what is not known", () => {
    expect(Object.keys(describeMachine({ ...FACTS, userAgent: "x" }))).toEqual([
      "browser",
      "system",
      "logicalProcessors",
      "isolated",
    ]);
  });
});

describe("machineLine", () => {
  it("begins with the processor", () => {
    const machine = describeMachine({ ...FACTS, userAgent: "Firefox/143.0", cpu: "A CPU" });
    expect(machineLine(machine)).toBe("A CPU, 2 logical processors, Linux x86_64, Firefox 143.0");
  });
});
