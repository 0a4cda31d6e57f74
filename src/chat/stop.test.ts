import { describe, expect, it } from "vitest";
import { StopMatcher } from "./stop.ts";

/** Feeds the pieces; returns what came out piece by piece, with the flush last. */
function run(stops: string[], pieces: string[]): { out: string[]; found: boolean } {
  const matcher = new StopMatcher(stops);
  const out = pieces.map((piece) => matcher.push(piece));
  return { out: [...out, matcher.flush()], found: matcher.found };
}

describe("StopMatcher", () => {
  it("passes text through when nothing can match", () => {
    expect(run([], ["a", "b"])).toEqual({ out: ["a", "b", ""], found: false });
    expect(run(["", "zz"], ["a", "b"])).toEqual({ out: ["a", "b", ""], found: false });
  });

  it("finds a stop text across pieces and shows nothing of it", () => {
    expect(run(["\nUser:"], ["Hi\n", "Us", "er", ": more", "x"])).toEqual({
      out: ["Hi", "", "", "", "", ""],
      found: true,
    });
  });

  it("gives back what was held for nothing", () => {
    expect(run(["###"], ["a#", "#", "b##"])).toEqual({ out: ["a", "", "##b", "##"], found: false });
  });

  it("holds the right part where a stop text overlaps itself", () => {
    expect(run(["aab"], ["aa", "a", "b"])).toEqual({ out: ["", "a", "", ""], found: true });
  });

  it("stops at the earliest of several, whatever their order", () => {
    expect(run(["world", "lo"], ["hello world"])).toEqual({ out: ["hel", ""], found: true });
  });

  it("agrees with a search in the whole text, however it is cut", () => {
    const text = "abcabdababcabcd";
    for (const stops of [["abcd"], ["abd", "cab"], ["x"], ["bab", "abab"]]) {
      const places = stops.map((stop) => text.indexOf(stop)).filter((place) => place >= 0);
      const expected = places.length > 0 ? text.slice(0, Math.min(...places)) : text;
      for (let size = 1; size < 6; size++) {
        const { out } = run(stops, text.match(new RegExp(`.{1,${size}}`, "g"))!);
        expect(out.join("")).toBe(expected);
      }
    }
  });
});
