import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename } from "node:path";

/** Serves a model as another site would that lets pages read it: with ranges, and CORS headers. */
export async function serveModel(file: string): Promise<{ address: string; close: () => Promise<void> }> {
  const bytes = readFileSync(file);
  const server = createServer((request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Headers", "Range");
    response.setHeader("Access-Control-Expose-Headers", "Content-Range, Content-Length, Accept-Ranges");
    response.setHeader("Accept-Ranges", "bytes");
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    if (!range) return void response.writeHead(200, { "Content-Length": bytes.length }).end(bytes);
    const from = Number(range[1]);
    const to = Math.min(range[2] ? Number(range[2]) : Number.POSITIVE_INFINITY, bytes.length - 1);
    const body = bytes.subarray(from, to + 1);
    const headers = { "Content-Range": `bytes ${from}-${to}/${bytes.length}`, "Content-Length": body.length };
    response.writeHead(206, headers).end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${basename(file)}`, close };
}
