import { describe, expect, it } from "vitest";
import { type Block, type BlockList, parseBlocks } from "./blocks.ts";
import { languageOf } from "./parser.ts";
import { splitReasoning } from "./reasoning.ts";

const html = (source: string) =>
  parseBlocks(source)
    .blocks.map((block) => (block.kind === "html" ? block.html : `[${block.language}]${block.text}`))
    .join("");

const DOCUMENT = `# Title

A paragraph with *emphasis*, \`code\` and a
lazy line.

- one
- two

  more of two
* another list
> quote
still quote

| a | b |
|---|--:|
| 1 | 2 |

\`\`\`ts
const x = 1;

# not a heading
\`\`\`

1. first

       indented

Setext
------

    indented code

**end`;

describe("blocks of a growing text", () => {
  it("end as the blocks of the whole text, whichever way it was cut", () => {
    const whole = parseBlocks(DOCUMENT).blocks;
    for (const step of [1, 3, 7, 40]) {
      let list: BlockList | undefined;
      for (let end = step; end < DOCUMENT.length + step; end += step) list = parseBlocks(DOCUMENT.slice(0, end), list);
      expect(list?.blocks).toEqual(whole);
    }
  });

  it("finished blocks keep their identity", () => {
    let list: BlockList | undefined;
    const seen: Block[] = [];
    for (let end = 1; end <= DOCUMENT.length; end++) {
      list = parseBlocks(DOCUMENT.slice(0, end), list);
      for (const [at, block] of seen.entries()) expect(list.blocks[at]).toBe(block);
      for (const block of list.blocks.slice(seen.length, list.settled)) seen.push(block);
    }
    expect(seen.length).toBeGreaterThan(8);
  });

  it("parses only the tail", () => {
    const long = "A paragraph.\n\n".repeat(2000);
    const list = parseBlocks(long);
    expect(list.settled).toBe(1999);
    expect(long.length - list.tailStart).toBeLessThan(20);
  });

  it("another text is parsed anew", () => {
    expect(parseBlocks("b\n\nc", parseBlocks("a\n\nc")).blocks).toHaveLength(2);
    expect(html("b")).toBe("<p>b</p>\n");
  });

  it("an open fence is already code", () => {
    expect(parseBlocks("```py\nprint(1)").blocks).toEqual([{ kind: "code", language: "py", text: "print(1)" }]);
  });
});

describe("untrusted Markdown", () => {
  it("HTML stays text", () => {
    expect(html("<img src=x onerror=alert(1)> <script>1</script>")).not.toMatch(/<(img|script)/);
  });

  it("images become links", () => {
    const out = html('![secret "x"](https://evil.example/?q=1&r="2")');
    expect(out).not.toContain("<img");
    expect(out).toContain('href="https://evil.example/');
    expect(out).toContain('rel="noopener noreferrer nofollow"');
    expect(out).toContain("Image: secret &quot;x&quot;");
  });

  it.each(["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "relative", "//evil.example"])(
    "no link to %s",
    (address) => {
      expect(html(`[x](${address}) ![y](${address})`)).not.toContain("href");
    },
  );

  it("no style attributes, alignment is a class", () => {
    const out = html("| a |\n|--:|\n| 1 |");
    expect(out).toContain('<td class="align-right">');
    expect(out).not.toContain("style");
  });

  it("nested code is escaped", () => {
    expect(html("- x\n  ```html\n  <b>\n  ```")).toContain("<code>&lt;b&gt;\n</code>");
  });

  it.each([
    ["ts", "ts"],
    ["{.python .numberLines}", "python"],
    ["c++ title=x", "c++"],
    ["", ""],
  ])("language of fence %j is %j", (info, language) => expect(languageOf(info)).toBe(language));
});

describe("reasoning", () => {
  it.each([
    ["plain answer", { thinking: false, answer: "plain answer" }],
    ["<thi", { thinking: false, answer: "" }],
    ["<think>\nhm", { reasoning: "hm", thinking: true, answer: "" }],
    ["<think>\nhm\n</think>\n\nYes.", { reasoning: "hm", thinking: false, answer: "Yes." }],
    ["hm\n</think>\n\nYes.", { reasoning: "hm", thinking: false, answer: "Yes." }],
    ["<think>\n\n</think>\n\nYes.", { thinking: false, answer: "Yes." }],
  ])("%j", (text, expected) => expect(splitReasoning(text)).toEqual(expected));
});
