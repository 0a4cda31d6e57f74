import { describe, expect, it } from "vitest";
import { hasReference, referenceJson } from "../../test/reference.ts";
import type { ChatMessage } from "../core/api.ts";
import { isWebggufError, type WebggufError } from "../core/errors.ts";
import { TEMPLATE_LIMITS, type TemplateLimits } from "./sandbox.ts";
import { strftime } from "./strftime.ts";
import { DEFAULT_TEMPLATE, renderTemplate } from "./template.ts";

const conversation: ChatMessage[] = [
  { role: "system", content: "Be brief" },
  { role: "user", content: "Hello" },
];

function render(template: string, messages = conversation, limits?: Partial<TemplateLimits>): string {
  const options = { messages, bosToken: "<s>", eosToken: "</s>", addGenerationPrompt: true };
  return renderTemplate(template, options, limits && { ...TEMPLATE_LIMITS, ...limits });
}

function failure(run: () => unknown): WebggufError {
  try {
    run();
  } catch (error) {
    if (isWebggufError(error)) return error;
    throw error;
  }
  throw new Error("no error");
}

describe.skipIf(!hasReference)("templates of published models", () => {
  interface Golden {
    messages: ChatMessage[];
    addGenerationPrompt: boolean;
    cases: { name: string; template: string; bos: string; eos: string; expected: string }[];
  }
  const golden = hasReference ? referenceJson<Golden>("chat/templates.json") : undefined;
  it.each(golden?.cases ?? [])("$name", ({ template, bos, eos, expected }) => {
    const { messages, addGenerationPrompt } = golden!;
    expect(renderTemplate(template, { messages, bosToken: bos, eosToken: eos, addGenerationPrompt })).toBe(expected);
  });
});

describe("renderTemplate", () => {
  it("renders ChatML by default", () => {
    expect(render(DEFAULT_TEMPLATE)).toBe(
      "<|im_start|>system\nBe brief<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n",
    );
  });

  it("puts the system message in front of the first user message where the template refuses it", () => {
    const refusing = `{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}{{ messages[0].content }}`;
    expect(render(refusing)).toBe("Be brief\nHello");
  });

  it("and where it drops it", () => {
    const dropping = `{% for m in messages %}{% if m.role == 'user' %}[{{ m.content }}]{% endif %}{% endfor %}`;
    expect(render(dropping)).toBe("[Be brief\nHello]");
    expect(render(dropping, [{ role: "system", content: "alone" }])).toBe("[alone]");
  });

  it("does not take a system text that also stands in the question for one that came through", () => {
    const dropping = `{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}`;
    expect(render(dropping, [conversation[0], { role: "user", content: "Be brief" }])).toBe("Be brief\nBe brief");
  });

  it("gives templates their tokens, tools and helpers", () => {
    const options = { messages: conversation, bosToken: "<s>", eosToken: "</s>", addGenerationPrompt: false };
    const template =
      "{{ bos_token }}{{ eos_token }}{{ add_generation_prompt is defined }}{% if tools %}{{ tools[0].name }}{% endif %}{{ strftime_now('%Y') }}{{ range(1, 6, 2) | join(',') }}{{ range(2, 0, -1) | join }}{{ messages[0].content }}";
    expect(renderTemplate(template, options)).toBe(`<s></s>false${new Date().getFullYear()}1,3,521Be brief`);
    expect(renderTemplate(template, { ...options, tools: [{ name: "clock" }] })).toContain("clock");
  });

  it("says what is wrong with a template or a conversation", () => {
    expect(failure(() => render("{% for %}")).code).toBe("template");
    expect(failure(() => render("{{ raise_exception('odd roles') }}")).message).toContain("odd roles");
    expect(failure(() => render("x", [])).code).toBe("invalid-argument");
    expect(failure(() => render("x", [{ role: "robot" as "user", content: "x" }])).message).toContain("robot");
    expect(failure(() => render("x", [{ role: "user", content: 3 as unknown as string }])).code).toBe(
      "invalid-argument",
    );
  });
});

describe("hostile templates", () => {
  const user: ChatMessage[] = [{ role: "user", content: "x" }];

  it.each([
    ["a huge range", "{% for i in range(10 ** 9) %}x{% endfor %}", "range"],
    ["an endless range", "{% for i in range(0, 10, 0) %}x{% endfor %}", "range"],
    [
      "nested loops",
      "{% set r = range(100000) %}{% for a in r %}{% for b in r %}{% for c in r %}{% endfor %}{% endfor %}{% endfor %}",
      "longer than 200 ms",
    ],
    ["a growing text", `{% set ns = namespace(x='ab') %}${"{% set ns.x = ns.x ~ ns.x %}".repeat(40)}`, "text of"],
    ["a growing list", `{% set ns = namespace(x=[1, 2]) %}${"{% set ns.x = ns.x + ns.x %}".repeat(40)}`, "list of"],
    ["endless recursion", "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}", ""],
    ["deep nesting", `{{ ${"(".repeat(100_000)} }}`, ""],
  ])("%s is stopped", (_, template, reason) => {
    const error = failure(() => render(template, user, { milliseconds: 200 }));
    expect(error.code).toBe("template");
    expect(error.message).toContain(reason);
  });

  it("counts steps and the template's own length", () => {
    expect(failure(() => render("{% for i in range(50) %}x{% endfor %}", user, { steps: 50 })).message).toContain(
      "steps",
    );
    expect(failure(() => render("x".repeat(2 ** 18 + 1), user)).message).toContain("characters long");
    expect(failure(() => render(" ".repeat(2 ** 18), user)).message).toContain("white space");
  });
});

describe("strftime", () => {
  it("writes English names whatever the machine's language, and leaves unknown fields", () => {
    const date = new Date(2026, 0, 5, 15, 4, 9);
    expect(strftime(date, "%A, %d %B %Y; %a %e %b %y %H:%M:%S %I %p %% %Q")).toBe(
      "Monday, 05 January 2026; Mon  5 Jan 26 15:04:09 03 PM % %Q",
    );
  });
});
