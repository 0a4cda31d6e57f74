import type { CacheType } from "../backend.ts";
import type { CaseRun, OpCase } from "./case.ts";
import { CaseBuilder, tokensAt } from "./case-builder.ts";

interface Heads {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly valueSize?: number;
}

interface AttentionCaseOptions {
  readonly cacheType?: CacheType;
  readonly runs?: readonly CaseRun[];
  /** Standard deviation of q's numbers: large ones make the softmax pick one position. */
  readonly sharpness?: number;
  readonly window?: number;
  readonly softcap?: number;
  readonly sinks?: boolean;
}

/** A batch, one token, some more, then the cache overwritten from the middle on. */
const TURNS = [tokensAt(0, 17), tokensAt(17, 1, 17), tokensAt(18, 5, 18), tokensAt(9, 6, 30)];

/** A cache of 300 positions filled in batches of 64, then single tokens. */
const LONG = [0, 64, 128, 192]
  .map((at) => tokensAt(at, 64, at))
  .concat([tokensAt(256, 41, 256), tokensAt(297, 1, 297), tokensAt(298, 1, 298), tokensAt(299, 1, 299)]);

function attentionCase(
  { heads, kvHeads, headSize, valueSize = headSize }: Heads,
  { cacheType = "f32", runs = TURNS, sharpness = 1, window, softcap, sinks }: AttentionCaseOptions = {},
): OpCase {
  const values = valueSize === headSize ? "" : `, values of ${valueSize}`;
  const length = Math.max(...runs.map(({ position, tokens }) => position + tokens.length));
  const sharp = sharpness === 1 ? "" : `, sharp ${sharpness}`;
  const extras = `${window ? `, window ${window}` : ""}${softcap ? `, cap ${softcap}` : ""}${sinks ? ", sinks" : ""}`;
  const name = `${heads}/${kvHeads} heads of ${headSize}${values}, ${length} positions, ${cacheType}${sharp}${extras}`;
  const b = new CaseBuilder("attention", name);
  const tokens = Math.max(...runs.flatMap((run) => Array.from(run.tokens))) + 1;
  const keyWidth = kvHeads * headSize;
  const valueWidth = kvHeads * valueSize;
  const q = b.input("q", heads * headSize, tokens, sharpness);
  const layer = b.kvAppend(b.input("k", keyWidth, tokens), b.input("v", valueWidth, tokens), { keyWidth, valueWidth });
  const params = { layer, heads, kvHeads, headSize, valueSize, scale: 1 / Math.sqrt(headSize), window, softcap };
  const inputs = sinks ? ([q, b.nearOne("sinks", heads)] as const) : ([q] as const);
  const y = b.append({ op: "attention", inputs, params }, heads * valueSize);
  return b.finish(y, { runs, contextLength: length + 3, cacheType });
}

const SHAPES: readonly Heads[] = [
  { heads: 4, kvHeads: 4, headSize: 64 },
  { heads: 8, kvHeads: 4, headSize: 8 },
  { heads: 8, kvHeads: 1, headSize: 32 },
  { heads: 14, kvHeads: 2, headSize: 64 },
  { heads: 6, kvHeads: 2, headSize: 80 },
  { heads: 5, kvHeads: 1, headSize: 96 },
  { heads: 8, kvHeads: 2, headSize: 128 },
  { heads: 2, kvHeads: 1, headSize: 256 },
  { heads: 3, kvHeads: 3, headSize: 20 },
  { heads: 4, kvHeads: 2, headSize: 64, valueSize: 32 },
];

export const ATTENTION_CASES: readonly OpCase[] = (["f32", "f16"] as const).flatMap((cacheType) => [
  ...SHAPES.map((heads) => attentionCase(heads, { cacheType })),
  attentionCase({ heads: 14, kvHeads: 2, headSize: 64 }, { cacheType, runs: LONG }),
  attentionCase({ heads: 3, kvHeads: 1, headSize: 80 }, { cacheType, runs: LONG }),
  attentionCase({ heads: 4, kvHeads: 2, headSize: 64 }, { cacheType, sharpness: 30 }),
  attentionCase({ heads: 4, kvHeads: 2, headSize: 64 }, { cacheType, window: 7 }),
  attentionCase({ heads: 3, kvHeads: 1, headSize: 80 }, { cacheType, window: 100, runs: LONG }),
  attentionCase({ heads: 4, kvHeads: 2, headSize: 64 }, { cacheType, softcap: 2, sharpness: 3 }),
  attentionCase({ heads: 4, kvHeads: 2, headSize: 64 }, { cacheType, sinks: true }),
  attentionCase(
    { heads: 8, kvHeads: 2, headSize: 64 },
    { cacheType, sinks: true, window: 262, softcap: 5, runs: LONG },
  ),
]);

/** What was appended, read back by attention to a single position: the first token sees its own value alone. */
export const KV_APPEND_CASES: readonly OpCase[] = (["f32", "f16"] as const).flatMap((cacheType) =>
  [64, 20].map((size) => {
    const b = new CaseBuilder("kv_append", `${size}, ${cacheType}`);
    const width = 2 * size;
    const [q, k, v] = ["q", "k", "v"].map((name) => b.input(name, width, 9));
    const layer = b.kvAppend(k, v, { keyWidth: width, valueWidth: width });
    const params = { layer, heads: 2, kvHeads: 2, headSize: size, valueSize: size, scale: 1 };
    const y = b.append({ op: "attention", inputs: [q], params }, width);
    return b.finish(y, { runs: [tokensAt(0, 1), tokensAt(0, 1, 5), tokensAt(0, 9)], cacheType });
  }),
);
