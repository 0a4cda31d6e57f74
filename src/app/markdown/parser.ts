import MarkdownIt, { type Token } from "markdown-it";

/**
 * Markdown as models write it. The text is untrusted: HTML in it stays text, links lead to the web or to mail and
 * nowhere else, and images become links, because loading one would tell its server something.
 */
export const parser = new MarkdownIt({ html: false, linkify: true });

parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
parser.validateLink = (address) => /^(https?:\/\/|mailto:)/i.test(address.trim());

const { escapeHtml } = parser.utils;
const LINK_ATTRIBUTES = 'target="_blank" rel="noopener noreferrer nofollow"';

parser.renderer.rules.link_open = (tokens, index) =>
  `<a href="${escapeHtml(String(tokens[index].attrGet("href")))}" ${LINK_ATTRIBUTES}>`;

parser.renderer.rules.image = (tokens, index) => {
  const address = String(tokens[index].attrGet("src"));
  const label = tokens[index].content || address;
  return `<a href="${escapeHtml(address)}" ${LINK_ATTRIBUTES} class="image-link">Image: ${escapeHtml(label)}</a>`;
};

parser.renderer.rules.table_open = () => '<div class="table-scroll" tabindex="0"><table>\n';
parser.renderer.rules.table_close = () => "</table></div>\n";

/** Alignment as a class: style attributes are against the page's policy. */
function cell(tag: "th" | "td") {
  return (tokens: Token[], index: number) => {
    const align = /text-align:(left|center|right)/.exec(String(tokens[index].attrGet("style")))?.[1];
    return align ? `<${tag} class="align-${align}">` : `<${tag}>`;
  };
}
parser.renderer.rules.th_open = cell("th");
parser.renderer.rules.td_open = cell("td");

/** Code inside lists and quotes; at the top level the page renders it itself, in the same form. */
parser.renderer.rules.fence = (tokens, index) => {
  const { info, content } = tokens[index];
  const language = languageOf(info);
  return (
    `<figure class="code"><figcaption><span>${escapeHtml(language || "text")}</span>` +
    `<button type="button" class="code-copy">Copy</button></figcaption>` +
    `<pre tabindex="0"><code>${escapeHtml(content)}</code></pre></figure>\n`
  );
};

/** The language named after a fence: its first word, without Pandoc's braces and dots. */
export function languageOf(info: string): string {
  return /[^\s,{}.][^\s,{}]*/.exec(info)?.[0] ?? "";
}
