// Makes the command one file, shaders and all, for a machine with nothing but Node and Dawn:
//   npm run bench:gpu:bundle -- [FILE]        (default: .cache/webgguf-bench-gpu.mjs)
//   WEBGPU_PACKAGE=/path/to/dawn.node node FILE --quick --out gpu.json
import { rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const file = resolve(process.argv[2] ?? join(root, ".cache/webgguf-bench-gpu.mjs"));
const folder = `${file}.build`;
await build({
  configFile: false,
  root,
  logLevel: "warn",
  ssr: { target: "node", noExternal: true },
  build: {
    ssr: join(here, "entry.ts"),
    outDir: folder,
    emptyOutDir: true,
    target: "node20",
    minify: false,
    rollupOptions: { output: { entryFileNames: "bench.mjs", codeSplitting: false } },
  },
});
await rename(join(folder, "bench.mjs"), file);
await rm(folder, { recursive: true });
console.log(file);
