import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** One step from an element to those inside of it, or from several to one of them. */
export type Step =
  | { readonly by: "role"; readonly role: string; readonly name?: Pattern }
  | { readonly by: "text"; readonly text: Pattern }
  | { readonly by: "selector"; readonly selector: string }
  | { readonly by: "index"; readonly index: number };

/** A text as a whole, or a regular expression, in a form that can be sent. */
export type Pattern = { readonly exactly: string } | { readonly source: string; readonly flags: string };

export const patternOf = (text: string | RegExp): Pattern =>
  typeof text === "string" ? { exactly: text } : { source: text.source, flags: text.flags };

/** Testing Library's queries: by role and accessible name, the same code in every browser. As an expression. */
export const QUERIES = `(() => {
${readFileSync(createRequire(import.meta.url).resolve("@testing-library/dom/dist/@testing-library/dom.umd.min.js"), "utf8")}
return ""; })()`;

type Matcher = string | RegExp;

interface Queries {
  queryAllByRole(inside: HTMLElement, role: string, options: { name?: Matcher }): HTMLElement[];
  queryAllByText(inside: HTMLElement, text: Matcher): HTMLElement[];
}

/**
 * What the steps lead to, of what can be seen. Runs in the page; undefined when the queries are not there, as after a
 * reload.
 */
export function findElements(steps: readonly Step[]): HTMLElement[] | undefined {
  const { TestingLibraryDom: queries } = globalThis as { TestingLibraryDom?: Queries };
  if (!queries || !document.body) return undefined;
  const matcher = (pattern: Pattern) =>
    "exactly" in pattern ? pattern.exactly : new RegExp(pattern.source, pattern.flags);
  const inside = (element: HTMLElement, step: Step): HTMLElement[] => {
    if (step.by === "role") {
      return queries.queryAllByRole(element, step.role, step.name ? { name: matcher(step.name) } : {});
    }
    if (step.by === "text") return queries.queryAllByText(element, matcher(step.text));
    return step.by === "selector" ? [...element.querySelectorAll<HTMLElement>(step.selector)] : [];
  };
  let found: HTMLElement[] = [document.body];
  for (const step of steps) {
    found =
      step.by === "index"
        ? found.slice(step.index, step.index === -1 ? undefined : step.index + 1)
        : [...new Set(found.flatMap((element) => inside(element, step)))];
  }
  return found.filter((element) => element.checkVisibility({ visibilityProperty: true }));
}

/** What can be seen of an element. */
export interface Look {
  readonly text: string;
  /** Of a field, or of a meter. */
  readonly value?: string;
  readonly checked?: boolean;
  readonly enabled: boolean;
  readonly focused: boolean;
  /** It says itself that it is being changed. */
  readonly busy: boolean;
}

/** Runs in the page. */
export function lookAt(element: HTMLElement): Look {
  const { value, checked } = element as { value?: string | number; checked?: boolean };
  return {
    text: element.textContent ?? "",
    value: value === undefined ? undefined : String(value),
    checked,
    enabled: !element.matches(":disabled"),
    focused: element === document.activeElement,
    busy: element.ariaBusy === "true",
  };
}
