import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import ts from "typescript";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".ts": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** TypeScript to JavaScript, types dropped and nothing else changed. */
const dropTypes = (source: string): string =>
  ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true },
  }).outputText;

/** The decoded path of a request, without its query; undefined where it does not decode. */
function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(url.split("?")[0]);
  } catch {
    return undefined;
  }
}

/** The folder whose URL prefix is the longest match, and the path inside it; undefined where that leads out of it. */
function resolve(folders: Readonly<Record<string, string>>, path: string): string | undefined {
  const prefix = Object.keys(folders)
    .filter((candidate) => path.startsWith(candidate))
    .sort((a, b) => b.length - a.length)[0];
  if (prefix === undefined) return undefined;
  const root = normalize(folders[prefix]);
  const file = normalize(join(root, path.slice(prefix.length) || "index.html"));
  return file.startsWith(root + sep) ? file : undefined;
}

/**
 * Serves folders by URL prefix (`/` first, say) on a free port of 127.0.0.1, cross-origin isolated, so that pages have
 * SharedArrayBuffer and with it threads. `.ts` files are served as the JavaScript they stand for; `beforeScripts` is put before
 * every `.js` file.
 */
export async function serve(
  folders: Readonly<Record<string, string>>,
  beforeScripts = "",
): Promise<{ origin: string; server: Server }> {
  const server = createServer(async (request, response) => {
    const path = pathOf(request.url ?? "/");
    const file = path === undefined ? undefined : resolve(folders, path);
    const found = file ? await stat(file).catch(() => undefined) : undefined;
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    response.setHeader("Cache-Control", "no-store");
    if (!file || !found?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("Content-Type", TYPES[extname(file)] ?? "application/octet-stream");
    if (extname(file) === ".ts") {
      response.end(dropTypes(await readFile(file, "utf8")));
      return;
    }
    if (beforeScripts && extname(file) === ".js") {
      response.end(beforeScripts + (await readFile(file, "utf8")));
      return;
    }
    response.setHeader("Content-Length", found.size);
    // A page that closes in the middle of a file is no fault of the server.
    await pipeline(createReadStream(file), response).catch(() => {});
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
