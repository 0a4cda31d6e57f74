import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";
import { afterAll, describe, expect, it } from "vitest";
import { entriesApart, importsOfEntries } from "./entries.ts";

const folder = resolve(dirname(fileURLToPath(import.meta.url)), "../.cache/entries-test");

/** A page whose worker shares a function with a chunk that it loads later: what the engine's worker is like. */
const FILES = {
  "page.js": `new Worker(new URL("./worker.js", import.meta.url), { type: "module" });`,
  "worker.js": `import { shared } from "./shared.js"; shared(); import("./later.js").then(({ later }) => later());`,
  "later.js": `import { shared } from "./shared.js"; export const later = () => shared();`,
  "shared.js": `export const shared = () => console.log("shared");`,
};

function buildFixture(plugins: () => Plugin[]) {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  return build({
    configFile: false,
    root: folder,
    logLevel: "silent",
    plugins: plugins(),
    worker: { format: "es", plugins },
    build: { write: false, rolldownOptions: { input: join(folder, "page.js") } },
  });
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the check of entries", () => {
  it("fails a build in which a chunk imports from a worker's own file", async () => {
    const onlyTheCheck = () => [{ ...entriesApart(), options: undefined }];
    await expect(buildFixture(onlyTheCheck)).rejects.toThrow(
      /import from an entry.*assets\/later-.*\.js → assets\/worker-.*\.js/,
    );
  });

  it("lets a build pass whose shared code lies in a chunk of its own", async () => {
    await expect(buildFixture(() => [entriesApart()])).resolves.toBeDefined();
  });

  it("sees static and dynamic imports", () => {
    const entry = { type: "chunk", fileName: "entry.js", isEntry: true };
    const chunk = { type: "chunk", fileName: "chunk.js", imports: ["entry.js"], dynamicImports: ["entry.js"] };
    const asset = { type: "asset", fileName: "style.css" };
    expect(importsOfEntries({ entry, asset })).toEqual([]);
    expect(importsOfEntries({ entry, chunk, asset })).toEqual(["chunk.js → entry.js", "chunk.js → entry.js"]);
  });
});
