import { checkCase, OP_CASES } from "../../src/backends/cases/index.ts";
import { createReferenceBackend } from "../../src/backends/reference/index.ts";
import { createWasmBackend } from "../../src/backends/wasm/index.ts";

export interface CaseResult {
  readonly name: string;
  readonly key: string;
  readonly deviation: number;
  readonly tolerance: number;
}

addEventListener("message", async ({ data: build }) => {
  try {
    const backend = await createWasmBackend({ build, threads: 2 });
    const reference = createReferenceBackend();
    const results: CaseResult[] = [];
    for (const opCase of OP_CASES) {
      const { deviations, tolerance } = await checkCase(reference, backend, opCase, "int8");
      const key = `${opCase.op} ${opCase.dtype ?? ""}`.trim();
      results.push({ name: opCase.name, key, deviation: Math.max(...deviations), tolerance });
    }
    postMessage({ results });
  } catch (error) {
    postMessage({ error: String(error) });
  }
});
