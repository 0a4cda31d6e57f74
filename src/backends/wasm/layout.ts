import type { Graph, RopeParams, ValueId } from "../../core/graph.ts";
import type { CompileOptions, PlanMemory } from "../backend.ts";
import type { Step } from "../graph-utils/fuse.ts";
import { type ArenaLayout, layOut } from "./arena.ts";
import { recordBytes } from "./records.ts";
import { placeWeights, type WeightPlace } from "./weights.ts";

/** Every area of the memory, as addresses. */
export interface Layout {
  readonly weights: ReadonlyMap<ValueId, WeightPlace>;
  readonly weightsAt: number;
  readonly caches: readonly { readonly keys: number; readonly values: number }[];
  /** Positions that a cache has room for: whole blocks of 32. */
  readonly cachePositions: number;
  readonly arena: ArenaLayout;
  readonly arenaAt: number;
  /** One table of {cos, sin} per distinct rotation. */
  readonly ropeTables: readonly RopeTable[];
  readonly packedAt: number;
  readonly partialsAt: number;
  readonly tokensAt: number;
  readonly outputsAt: number;
  readonly programAt: number;
  /** The program that loads: one step, `pack`. */
  readonly packAt: number;
  /** Times of a profiled run, see wasm/runtime.c. */
  readonly timesAt: number;
  readonly codebooksAt: number;
  /** Two places for slices: one is filled while the other is packed. */
  readonly staging: readonly [number, number];
  readonly threadsAt: number;
  readonly thread: ThreadArea;
  readonly end: number;
  readonly memory: PlanMemory;
}

export interface RopeTable {
  readonly params: RopeParams;
  readonly divisors?: ValueId;
  readonly at: number;
}

/** What each thread has of its own (wasm/runtime.h), and its stack behind it. */
export interface ThreadArea {
  readonly rowBytes: number;
  readonly actBytes: number;
  readonly tileBytes: number;
  readonly bytes: number;
}

/** Of a matrix, packed at a time. */
export const SLICE_BYTES = 2 << 20;
export const STACK_BYTES = 64 << 10;
const CODEBOOK_BYTES = 64 << 10;
const CACHE_BLOCK = 32;
/** TOKENS and TILE of wasm/attention.c. */
const ATTENTION_TOKENS = 4;
const ATTENTION_TILE = 4;
const MAX_SPLITS = 16;
const ALIGN = 64;

const align = (n: number) => Math.ceil(n / ALIGN) * ALIGN;
/** Most bytes of the prepared activations of `lanes` tokens, in all forms (act_layout in wasm/act.h). */
const actBytes = (width: number, lanes: number) => Math.ceil(width / 256) * 256 * lanes * 11;

export function layOutMemory(
  graph: Graph,
  steps: readonly Step[],
  options: CompileOptions,
  {
    base,
    threads,
    programBytes,
    timesBytes,
  }: { base: number; threads: number; programBytes: number; timesBytes: number },
): Layout {
  let at = align(base);
  const take = (bytes: number) => {
    const start = at;
    at += align(bytes);
    return start;
  };

  const weights = placeWeights(graph, steps);
  const weightsAt = take(weights.bytes);

  const kvStart = at;
  const cachePositions = Math.ceil(options.contextLength / CACHE_BLOCK) * CACHE_BLOCK;
  const cacheBytes = options.cacheType === "f16" ? 2 : 4;
  const caches = graph.cacheLayers.map(({ keyWidth, valueWidth }) => ({
    keys: take(cachePositions * keyWidth * cacheBytes),
    values: take(cachePositions * valueWidth * cacheBytes),
  }));
  const kv = at - kvStart;

  const scratchStart = at;
  const arena = layOut(graph, steps, { tokens: options.batchSize, outputs: options.outputRows });
  const arenaAt = take(arena.bytes);
  const ropeTables = distinctRotations(steps).map((table) => ({
    ...table,
    at: take(options.batchSize * table.params.rotaryDims * 4),
  }));
  const widest = widestInput(graph, steps);
  const packedAt = take(Math.ceil(options.batchSize / 4) * actBytes(widest, 4));
  const partialsAt = take(partialBytes(steps));
  const tokensAt = take(options.batchSize * 4);
  const outputsAt = take(options.outputRows * 4);
  const programAt = take(programBytes);
  const packAt = take(8 + recordBytes("pack"));
  const timesAt = take(timesBytes);
  const codebooksAt = take(CODEBOOK_BYTES);
  const sliceBytes = Math.max(SLICE_BYTES, longestStrip(weights.places));
  const staging = [take(sliceBytes), take(sliceBytes)] as const;
  const thread = threadArea(steps, widest);
  const threadsAt = take(thread.bytes * threads);
  return {
    weights: weights.places,
    weightsAt,
    caches,
    cachePositions,
    arena,
    arenaAt,
    ropeTables,
    packedAt,
    partialsAt,
    tokensAt,
    outputsAt,
    programAt,
    packAt,
    timesAt,
    codebooksAt,
    staging,
    threadsAt,
    thread,
    end: at,
    memory: { weights: weights.bytes, kv, scratch: at - scratchStart },
  };
}

/** A slice is at least one strip of eight rows. */
function longestStrip(places: ReadonlyMap<ValueId, WeightPlace>): number {
  return Math.max(...[...places.values()].map((place) => place.rowBytes * 8));
}

function distinctRotations(steps: readonly Step[]): Omit<RopeTable, "at">[] {
  const tables = new Map<string, Omit<RopeTable, "at">>();
  for (const step of steps) {
    if (step.kind !== "rows") continue;
    for (const op of step.ops) {
      if (op.op === "rope")
        tables.set(rotationKey(op.params, op.inputs[1]), { params: op.params, divisors: op.inputs[1] });
    }
  }
  return [...tables.values()];
}

/** Rotations with the same angles share a table, whatever the number of heads and the pairing. */
export function rotationKey(
  { heads, headSize, pairing, ...angles }: RopeParams,
  divisors: ValueId | undefined,
): string {
  return JSON.stringify([angles, divisors ?? null]);
}

function widestInput(graph: Graph, steps: readonly Step[]): number {
  const widths = steps.flatMap((step) => {
    const value =
      step.kind === "matmul"
        ? graph.values[step.segments[0].weight]
        : step.kind === "expert_matmul"
          ? graph.values[step.op.inputs[1]]
          : undefined;
    return value?.kind === "weight" ? [value.shape[0]] : [];
  });
  return Math.max(1, ...widths);
}

function attentions(steps: readonly Step[]) {
  return steps.flatMap((step) => (step.kind === "attention" ? [step.op.params] : []));
}

function partialBytes(steps: readonly Step[]): number {
  const sizes = attentions(steps).map((p) => p.heads * MAX_SPLITS * (align(p.valueSize + 2) + 4) * 4);
  return Math.max(0, ...sizes);
}

function threadArea(steps: readonly Step[], widest: number): ThreadArea {
  const padded = Math.ceil(widest / 256) * 256;
  const rowBytes = align(padded * 4);
  const ownActBytes = align(actBytes(widest, 1));
  // A strip of eight rows as floats is the largest tile; the K formats' scales beside their bytes take less.
  const tileBytes = align(padded * 36);
  const attentionBytes = attentions(steps).map((p) => {
    const queries = (ATTENTION_TOKENS * p.heads) / p.kvHeads;
    const block = CACHE_BLOCK * (p.headSize + p.valueSize + ATTENTION_TILE);
    return (block + queries * (p.headSize + p.valueSize + 2)) * 4;
  });
  const scratch = align(Math.max(2 * tileBytes, ...attentionBytes));
  return { rowBytes, actBytes: ownActBytes, tileBytes, bytes: rowBytes + ownActBytes + scratch + STACK_BYTES };
}
