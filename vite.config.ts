import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { type Connect, defineConfig, type Plugin } from "vite";
import { entriesApart } from "./scripts/entries.ts";

/**
 * What the page may do. Scripts, styles and workers come from its own origin only, and nothing is ever loaded because a
 * model wrote it. `connect-src` names https: (and the person's own machine) for one reason: a model can be opened by its
 * address. Only that code calls fetch; Markdown from a model is sanitised and holds nothing that loads.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "connect-src 'self' blob: https: http://localhost:* http://127.0.0.1:*",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "worker-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
];

/** Directives that a `<meta>` element cannot carry. */
const HEADER_ONLY = ["frame-ancestors 'none'"];

/** Cross-origin isolation: without it a page has no SharedArrayBuffer, and so only one thread. */
const ISOLATION_HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

const PAGE_HEADERS = {
  ...ISOLATION_HEADERS,
  "Content-Security-Policy": [...CONTENT_SECURITY_POLICY, ...HEADER_ONLY].join("; "),
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

/** Puts the policy into the built page, and the headers into the `_headers` file that static hosts read. */
function trustHeaders(): Plugin {
  return {
    name: "webgguf-trust-headers",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: CONTENT_SECURITY_POLICY.join("; ") },
        injectTo: "head-prepend",
      },
    ],
    generateBundle() {
      const lines = Object.entries(PAGE_HEADERS).map(([name, value]) => `  ${name}: ${value}`);
      this.emitFile({ type: "asset", fileName: "_headers", source: `/*\n${lines.join("\n")}\n` });
    },
  };
}

/**
 * Sends headers with every answer. Vite's own option leaves them out of "304 Not Modified", and WebKit goes by the headers of
 * that: it starts no worker from a file of its cache then.
 */
function servedHeaders(): Plugin {
  const send =
    (headers: Record<string, string>): Connect.NextHandleFunction =>
    (_request, response, next) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      next();
    };
  return {
    name: "webgguf-served-headers",
    configureServer: ({ middlewares }) => void middlewares.use(send(ISOLATION_HEADERS)),
    configurePreviewServer: ({ middlewares }) => void middlewares.use(send(PAGE_HEADERS)),
  };
}

/** What benchmark results say of the program: version, and the commit where git knows one ("+" for a changed tree). */
function buildFacts(): { version: string; commit?: string } {
  const { version } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")) as { version: string };
  const { status, stdout } = spawnSync("git", ["describe", "--always", "--dirty=+", "--exclude=*"], {
    encoding: "utf8",
  });
  return { version, ...(status === 0 && { commit: stdout.trim() }) };
}

export default defineConfig({
  base: "./",
  define: { "import.meta.env.WEBGGUF_BUILD": JSON.stringify(buildFacts()) },
  plugins: [react(), trustHeaders(), servedHeaders(), entriesApart()],
  worker: { format: "es", plugins: () => [entriesApart()] },
  preview: { port: 4173, strictPort: true },
  build: { target: "es2023", assetsInlineLimit: 0 },
});
