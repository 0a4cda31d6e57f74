import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { referenceFolder } from "../test/reference.ts";

/** Serves the reference data to pages of other origins, isolated ones too. */
export async function serveReference(): Promise<{ origin: string; close: () => void }> {
  const server = createServer((request, response) => {
    const file = join(referenceFolder, new URL(request.url ?? "/", "http://localhost").pathname);
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
    if (existsSync(file)) createReadStream(file).pipe(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
