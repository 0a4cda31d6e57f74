import type { Graph } from "../core/graph.ts";
import type { Metadata } from "../core/metadata.ts";
import type { TensorInfo } from "../core/source.ts";

/** What a GGUF header says about a model. */
export interface ModelHeader {
  readonly metadata: Metadata;
  /** The tensor directory, by name. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
}

/** The sizes the engine and the page need to know. */
export interface Hyperparameters {
  readonly embeddingLength: number;
  readonly layerCount: number;
  readonly trainedContextLength: number;
  readonly vocabularySize: number;
  readonly headCount: number;
}

export interface ModelDefinition {
  /** `general.architecture`. */
  readonly architecture: string;
  readonly hyperparameters: Hyperparameters;
  readonly graph: Graph;
}

/** One architecture: from a header to sizes and a graph. */
export type Architecture = (header: ModelHeader) => Omit<ModelDefinition, "architecture">;
