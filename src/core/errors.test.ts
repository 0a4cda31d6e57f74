import { expect, it, vi } from "vitest";
import { isWebggufError, WebggufError } from "./errors.ts";

it("knows its errors by their brand and code, whichever copy of the class made them", async () => {
  vi.resetModules();
  const copy = await import("./errors.ts");
  const made = new copy.WebggufError("busy", "It is busy.");
  expect(made instanceof WebggufError).toBe(false);
  expect(isWebggufError(made)).toBe(true);
  expect(isWebggufError(made, "busy")).toBe(true);
  expect(isWebggufError(made, "closed")).toBe(false);
});

it("takes nothing else for one of its own", () => {
  for (const other of [new Error("busy"), { name: "WebggufError", code: "busy" }, "busy", undefined, null]) {
    expect(isWebggufError(other)).toBe(false);
  }
});
