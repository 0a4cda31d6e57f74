import { describe, expect, it } from "vitest";
import { ERROR_CODES, WebggufError } from "../../core/errors.ts";
import { describeProblem, isAborted } from "./problems.ts";

describe("problems", () => {
  it.each(ERROR_CODES)("%s has a title, advice and a way on, and keeps the engine's words", (code) => {
    const problem = describeProblem(new WebggufError(code, "found this"));
    expect(problem).toMatchObject({ code, found: "found this" });
    expect(problem.title.length).toBeGreaterThan(3);
    expect(problem.advice.length).toBeGreaterThan(10);
    expect(problem.ways.length).toBeGreaterThan(0);
  });

  it("knows what the browser throws", () => {
    expect(describeProblem(new DOMException("gone", "NotFoundError")).code).toBe("file-unreadable");
    expect(isAborted(new DOMException("stop", "AbortError"))).toBe(true);
    expect(describeProblem(new TypeError("x is undefined")).code).toBe("internal");
    expect(describeProblem("just text").found).toBe("just text");
  });
});
