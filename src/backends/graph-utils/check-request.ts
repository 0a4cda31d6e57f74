import { WebggufError } from "../../core/errors.ts";
import type { Graph } from "../../core/graph.ts";
import type { CompileOptions, RunRequest } from "../backend.ts";

/** Rows of the embedding table: token ids are below it. */
export function vocabularyOf(graph: Graph): number {
  let rows = Number.POSITIVE_INFINITY;
  for (const op of graph.ops) {
    const table = op.op === "embed" ? graph.values[op.inputs[0]] : undefined;
    if (table?.kind === "weight") rows = Math.min(rows, table.shape[1] ?? 1);
  }
  return rows;
}

/**
 * Throws unless a plan compiled with `options` can run `request`: `context-full` when its tokens do not fit the
 * context, `invalid-argument` for anything else.
 */
export function checkRequest(request: RunRequest, options: CompileOptions, vocabulary: number): void {
  const { tokens, position, outputs } = request;
  const count = tokens.length;
  if (count < 1 || count > options.batchSize) {
    throw invalid(`A run takes 1 to ${options.batchSize} tokens; this one has ${count}.`);
  }
  if (!Number.isInteger(position) || position < 0) {
    throw invalid(`The position of a run is a whole number from 0; this one is ${position}.`);
  }
  if (position + count > options.contextLength) {
    throw new WebggufError(
      "context-full",
      `The context holds ${options.contextLength} tokens; ${count} at position ${position} do not fit. ` +
        "Open the model with a larger contextLength, or start over.",
    );
  }
  for (let t = 0; t < count; t++) {
    const token = tokens[t];
    if (!Number.isInteger(token) || token < 0 || token >= vocabulary) {
      throw invalid(`Token ${token} at index ${t} is not in the vocabulary (0 to ${vocabulary - 1}).`);
    }
  }
  if (outputs.length > options.outputRows) {
    throw invalid(`A run gives at most ${options.outputRows} rows of logits; this one asks for ${outputs.length}.`);
  }
  let previous = -1;
  for (const index of outputs) {
    if (!Number.isInteger(index) || index <= previous || index >= count) {
      throw invalid(`Outputs are indices into the ${count} tokens in ascending order; found [${outputs.join(", ")}].`);
    }
    previous = index;
  }
}

function invalid(message: string): WebggufError {
  return new WebggufError("invalid-argument", message);
}
