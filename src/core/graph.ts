import type { DType } from "./dtype.ts";

/**
 * A model's computation as plain data: values, and operations on them in order of execution.
 *
 * All activations are matrices of F32: one row per token (or per wanted output, see `rows`), `width` numbers a row.
 * The number of tokens is not part of the graph: a plan runs it with any number up to its batch size.
 */
export interface Graph {
  readonly values: readonly Value[];
  readonly ops: readonly Op[];
  /** The value that holds the result: logits, one row per wanted output. */
  readonly output: ValueId;
  /** Number of attention layers that own a K/V cache. */
  readonly cacheLayers: readonly CacheLayer[];
}

/** Index into `Graph.values`. */
export type ValueId = number;

export type Value = Weight | Activation;

export interface Weight {
  readonly kind: "weight";
  /** GGUF tensor name, such as `blk.0.attn_q.weight`. */
  readonly name: string;
  readonly dtype: DType;
  /** ggml's order: `shape[0]` is the length of a row. */
  readonly shape: readonly number[];
}

export interface Activation {
  readonly kind: "activation";
  /** For people: `blk.0.attn_q`. */
  readonly name: string;
  /** Numbers per row. */
  readonly width: number;
  /** One row per token of the batch, or one per token whose logits are wanted (after `select_outputs`). */
  readonly rows: "tokens" | "outputs";
}

/** The K/V cache of one layer: `keyWidth` and `valueWidth` numbers per token (all K/V heads together). */
export interface CacheLayer {
  readonly keyWidth: number;
  readonly valueWidth: number;
}

/** Rotary position embedding, with every scaling that GGUF metadata can ask for (see `rope` in backends/reference). */
export interface RopeParams {
  readonly headSize: number;
  readonly heads: number;
  /** How many of the head's numbers turn (the first ones); even. */
  readonly rotaryDims: number;
  /** `neighbours`: pairs (x0,x1), (x2,x3) …; `halves`: pairs (x[i], x[i + rotaryDims/2]). */
  readonly pairing: "neighbours" | "halves";
  readonly freqBase: number;
  /** Positions are multiplied by it (1 / linear scaling factor). */
  readonly freqScale: number;
  /** YaRN: weight of the extrapolated angle, 0 = off. */
  readonly extFactor: number;
  /** Multiplies sine and cosine (with YaRN: times 1 + 0.1·ln(1/freqScale)). */
  readonly attnFactor: number;
  readonly betaFast: number;
  readonly betaSlow: number;
  /** Context length the model was first trained with; YaRN's ramp depends on it. */
  readonly originalContext: number;
}

export interface AttentionParams {
  /** Index into `Graph.cacheLayers`. */
  readonly layer: number;
  readonly heads: number;
  readonly kvHeads: number;
  /** Size of a query and a key head. */
  readonly headSize: number;
  /** Size of a value head. */
  readonly valueSize: number;
  /** Multiplies the dot products before the softmax. */
  readonly scale: number;
  /** How many positions a token sees at most, its own included; absent: all before it (Beltagy et al. 2020). */
  readonly window?: number;
  /** Scaled products x become softcap · tanh(x / softcap); absent: they stay (Gemma 2). */
  readonly softcap?: number;
}

/** One operation. `inputs` are values; weights are always named in a field of their own position, as described. */
export type Op =
  /** Row `tokens[t]` of the weight, dequantised. inputs: [weight (width, vocabulary)] */
  | {
      readonly op: "embed";
      readonly inputs: readonly [ValueId];
      readonly output: ValueId;
      readonly params: Record<string, never>;
    }
  /** x / sqrt(mean(x²) + eps) · weight, for each of `groups` equal parts of a row. inputs: [x, weight (width / groups)] */
  | {
      readonly op: "rms_norm";
      readonly inputs: readonly [ValueId, ValueId];
      readonly output: ValueId;
      readonly params: { readonly eps: number; readonly groups: number };
    }
  /** y = W·x (+ bias). inputs: [x, W (in, out)] or [x, W, bias (out)] */
  | {
      readonly op: "matmul";
      readonly inputs: readonly [ValueId, ValueId] | readonly [ValueId, ValueId, ValueId];
      readonly output: ValueId;
      readonly params: Record<string, never>;
    }
  /** Turns each head by its token's position. inputs: [x] or [x, frequency divisors (rotaryDims / 2)] */
  | {
      readonly op: "rope";
      readonly inputs: readonly [ValueId] | readonly [ValueId, ValueId];
      readonly output: ValueId;
      readonly params: RopeParams;
    }
  /** Writes the rows of k and v into the layer's cache at the tokens' positions. inputs: [k, v] */
  | {
      readonly op: "kv_append";
      readonly inputs: readonly [ValueId, ValueId];
      readonly output: null;
      readonly params: { readonly layer: number };
    }
  /**
   * Causal attention of q over the layer's cache, positions 0 … own. inputs: [q] or [q, sinks (heads)]. A head's sink is one
   * more score in its softmax, unscaled and uncapped, that brings no value (Xiao et al. 2023, as learnt numbers).
   */
  | {
      readonly op: "attention";
      readonly inputs: readonly [ValueId] | readonly [ValueId, ValueId];
      readonly output: ValueId;
      readonly params: AttentionParams;
    }
  /** activation(gate) · up. inputs: [gate, up] */
  | {
      readonly op: "glu";
      readonly inputs: readonly [ValueId, ValueId];
      readonly output: ValueId;
      readonly params: { readonly activation: "silu" };
    }
  /** inputs: [a, b] */
  | {
      readonly op: "add";
      readonly inputs: readonly [ValueId, ValueId];
      readonly output: ValueId;
      readonly params: Record<string, never>;
    }
  /** Keeps the rows whose logits are wanted. inputs: [x] */
  | {
      readonly op: "select_outputs";
      readonly inputs: readonly [ValueId];
      readonly output: ValueId;
      readonly params: Record<string, never>;
    }
  /**
   * Mixture of experts: picks the `used` likeliest experts of each token. Output row: `used` expert numbers, then their
   * `used` weights (softmax over the picked ones' logits). inputs: [router logits (experts)]
   */
  | {
      readonly op: "route";
      readonly inputs: readonly [ValueId];
      readonly output: ValueId;
      readonly params: { readonly experts: number; readonly used: number };
    }
  /**
   * One matrix product per picked expert. x is one row for all (width in), or one per pick (width used · in).
   * Output row: used · out. inputs: [x, W (in, out, experts), routes]
   */
  | {
      readonly op: "expert_matmul";
      readonly inputs: readonly [ValueId, ValueId, ValueId];
      readonly output: ValueId;
      readonly params: { readonly used: number };
    }
  /** Sum of the picked experts' rows, each times its weight. inputs: [y (used · width), routes] */
  | {
      readonly op: "expert_sum";
      readonly inputs: readonly [ValueId, ValueId];
      readonly output: ValueId;
      readonly params: { readonly used: number };
    };

export type OpName = Op["op"];
