import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve } from "./server.ts";

/** The status of a path sent as it is; `fetch` would resolve the dots itself. */
const rawStatus = (origin: string, path: string): Promise<number | undefined> =>
  new Promise((done, fail) => {
    const { hostname, port } = new URL(origin);
    request({ hostname, port, path }, (response) => {
      response.resume();
      done(response.statusCode);
    })
      .on("error", fail)
      .end();
  });

describe("serve", () => {
  let folder: string;
  let running: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "peers-"));
    await mkdir(join(folder, "dist"));
    await mkdir(join(folder, "page"));
    await writeFile(join(folder, "dist/index.html"), "<p>page</p>");
    await writeFile(
      join(folder, "page/module.ts"),
      'import type { A } from "./a.ts";\nexport const two: number = 2;\n',
    );
    await writeFile(join(folder, "secret.txt"), "secret");
    running = await serve({ "/": join(folder, "dist"), "/page/": join(folder, "page") });
  });

  afterAll(async () => {
    running.server.close();
    await rm(folder, { recursive: true });
  });

  it("serves the index, cross-origin isolated", async () => {
    const response = await fetch(`${running.origin}/`);
    expect(await response.text()).toBe("<p>page</p>");
    expect(response.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(response.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
  });

  it("serves TypeScript as JavaScript, from the folder of the longest prefix", async () => {
    const response = await fetch(`${running.origin}/page/module.ts`);
    expect(response.headers.get("content-type")).toBe("text/javascript");
    expect((await response.text()).trim()).toBe("export const two = 2;");
  });

  it("has nothing outside its folders", async () => {
    expect(await rawStatus(running.origin, "/../secret.txt")).toBe(404);
    expect(await rawStatus(running.origin, "/page/..%2fsecret.txt")).toBe(404);
    expect(await rawStatus(running.origin, "/page/")).toBe(404);
  });

  it("survives a malformed escape", async () => {
    expect(await rawStatus(running.origin, "/%E0%A4%A")).toBe(404);
  });
});
