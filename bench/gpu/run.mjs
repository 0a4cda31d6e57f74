// Runs the command from source. Vite puts the shaders in, as it does for the page.
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createServer, createServerModuleRunner } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const server = await createServer({
  configFile: false,
  root: resolve(here, "../.."),
  cacheDir: resolve(here, "../../.cache/vite-bench"),
  optimizeDeps: { noDiscovery: true },
  appType: "custom",
  server: { middlewareMode: true, ws: false, hmr: false, watch: null },
});
const runner = createServerModuleRunner(server.environments.ssr, { hmr: false });
const { main } = await runner.import(resolve(here, "main.ts"));
process.exit(await main(process.argv.slice(2)));
