import { WebggufError } from "../../core/errors.ts";
import type { Graph } from "../../core/graph.ts";
import type { Backend, CompileOptions, Plan } from "../backend.ts";
import { ReferencePlan } from "./plan.ts";

/**
 * The backend that the others are tested against: plain TypeScript, one thread, weights as float32, sums in float64.
 * Slow on purpose.
 */
export function createReferenceBackend(): Backend {
  return {
    info: { name: "reference", device: "CPU, plain TypeScript, 1 thread", simd: "none", threads: 1 },
    async compile(graph: Graph, options: CompileOptions): Promise<Plan> {
      try {
        return new ReferencePlan(graph, options);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        throw new WebggufError(
          "out-of-memory",
          "There is not enough memory for this model with every weight as a 32-bit float, as the reference backend " +
            `keeps them, and a context of ${options.contextLength} tokens. Choose another backend or a smaller context.`,
          { cause: error },
        );
      }
    },
    async close(): Promise<void> {},
  };
}
