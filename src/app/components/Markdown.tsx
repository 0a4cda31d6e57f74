import DOMPurify from "dompurify";
import { type MouseEvent, memo, useRef } from "react";
import { type Block, type BlockList, parseBlocks } from "../markdown/blocks.ts";

/** What may stand in rendered Markdown: nothing that loads, runs or is styled. */
const ALLOWED = {
  ALLOWED_TAGS: [
    ..."a blockquote br code del div em h1 h2 h3 h4 h5 h6 hr li ol p pre s strong".split(" "),
    ..."table tbody td th thead tr ul figure figcaption button span".split(" "),
  ],
  ALLOWED_ATTR: ["href", "target", "rel", "class", "start", "type", "tabindex"],
  ALLOW_DATA_ATTR: false,
};

/** Markdown of a model. While the text grows, finished blocks are neither parsed nor rendered again. */
export function Markdown({ source }: { source: string }) {
  const parsed = useRef<BlockList | undefined>(undefined);
  if (parsed.current?.source !== source) parsed.current = parseBlocks(source, parsed.current);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the clicks come from the copy buttons inside.
    // biome-ignore lint/a11y/noStaticElementInteractions: as above.
    <div className="markdown" onClick={copyCode}>
      {parsed.current.blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a block's place is its identity, blocks only grow.
        <BlockView key={index} block={block} />
      ))}
    </div>
  );
}

const BlockView = memo(
  function BlockView({ block }: { block: Block }) {
    if (block.kind === "html") {
      const html = DOMPurify.sanitize(block.html, ALLOWED);
      // biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised in the line above.
      return <div className="block" dangerouslySetInnerHTML={{ __html: html }} />;
    }
    return (
      <figure className="code">
        <figcaption>
          <span>{block.language || "text"}</span>
          <button type="button" className="code-copy">
            Copy
          </button>
        </figcaption>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: wide code scrolls, and the keyboard must reach it. */}
        <pre tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      </figure>
    );
  },
  (before, after) => sameBlock(before.block, after.block),
);

function sameBlock(a: Block, b: Block): boolean {
  if (a === b) return true;
  if (a.kind === "html") return b.kind === "html" && a.html === b.html;
  return b.kind === "code" && a.language === b.language && a.text === b.text;
}

function copyCode(event: MouseEvent<HTMLElement>): void {
  const button = (event.target as Element).closest(".code-copy");
  const code = button?.closest("figure")?.querySelector("code")?.textContent;
  if (!button || code === null || code === undefined) return;
  navigator.clipboard.writeText(code).then(
    () => {
      button.textContent = "Copied";
      setTimeout(() => {
        button.textContent = "Copy";
      }, 1600);
    },
    () => {},
  );
}
