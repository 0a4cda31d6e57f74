import { figure, table } from "../../src/bench/markdown.ts";
import { median, pairedRatio, type Summary, summarize } from "../../src/bench/statistics.ts";
import { byteLength } from "../../src/core/dtype.ts";
import { isOf, PRODUCT_TOKENS, type ProductSpec, productSpecs } from "./product-specs.ts";
import { PRODUCT_TYPES, type ProductRound, type ProductsResult, type ProductType } from "./types.ts";

/** 10^9 multiplications and additions per second, one entry per round; a side that failed in a round has an empty one. */
function speeds({ rounds, width, out }: ProductsResult, engine: ProductRound["engine"], spec: ProductSpec): number[][] {
  return rounds
    .filter((round) => round.engine === engine)
    .map(({ measurement }) =>
      (measurement?.timings ?? [])
        .filter((timing) => isOf(timing, spec))
        .map(({ tokens, microseconds }) => (2 * width * out * tokens) / microseconds / 1000),
    );
}

const ratio = (products: ProductsResult, spec: ProductSpec) =>
  pairedRatio(speeds(products, "webgguf", spec), speeds(products, "native", spec));

const withSpread = ({ median, min, max, count }: Summary, show: (value: number) => string, unit = ""): string =>
  count > 0 ? `${show(median)}${unit} (${show(min)}–${show(max)})` : "–";

const times = (summary: Summary) => withSpread(summary, (value) => value.toFixed(2), "×");

/** The threads of both sides, who they are, and what failed. */
function notes({ rounds }: ProductsResult): string[] {
  const versions = rounds.flatMap(({ engine, measurement }) =>
    measurement ? [`- ${engine}: ${measurement.version}; ${measurement.threads} threads`] : [],
  );
  const failures = rounds.flatMap(({ engine, round, error }) =>
    error ? [`- round ${round}: ${engine} failed: ${error}`] : [],
  );
  const [first = 0, ...later] = rounds.map(({ loadBefore }) => loadBefore);
  const load =
    first > 0.5 ? [`- The load average was ${first.toFixed(2)} before the products: the machine was not idle.`] : [];
  const threads = Math.max(...rounds.map(({ measurement }) => measurement?.threads ?? 0));
  const busiest = Math.max(0, ...later);
  if (busiest > threads + 0.5) {
    const own = `where their own ${threads} threads make ${threads}`;
    load.push(
      `- The load average was up to ${busiest.toFixed(2)} between rounds, ${own}: another program disturbed them.`,
    );
  }
  return [...new Set(versions), ...failures, ...load];
}

/** Speeds side by side; that of webgguf over that of llama.cpp is paired round by round. */
export function productsMarkdown(products: ProductsResult): string {
  const { width, out, rounds } = products;
  const weights = (type: ProductType) => byteLength(type, width * out);
  const sizes = PRODUCT_TYPES.map((type) => `${figure(weights(type) / 1e6)} MB in ${type}`);
  const rows = productSpecs().map((spec) => {
    const speed = (engine: ProductRound["engine"]) =>
      withSpread(summarize(speeds(products, engine, spec).flat()), figure);
    const bandwidth = (engine: ProductRound["engine"]) =>
      figure((median(speeds(products, engine, spec).flat()) / (2 * width * out * spec.tokens)) * weights(spec.dtype));
    const read = `${bandwidth("webgguf")}, ${bandwidth("native")}`;
    return [spec.dtype, `${spec.tokens}`, speed("webgguf"), speed("native"), times(ratio(products, spec)), read];
  });
  return [
    `Products of a matrix of ${width}×${out}, in GFLOP/s, median (least–most) of ${rounds.filter(({ engine }) => engine === "native").length} rounds, each of which is the mean over about a second. It has ${sizes.join(", ")}: more than the caches of most processors, so that the weights come from memory for one token. Where a large cache holds it, that helps llama.cpp alone: its test multiplies one matrix again and again, webgguf's takes two or three in turn. Nor does its test rearrange the weights, as llama.cpp does with some types of whole models.`,
    notes(products).join("\n"),
    table(["type", "tokens", "webgguf", "llama.cpp", "webgguf / llama.cpp", "weights, GB/s, of each"], rows),
  ].join("\n\n");
}

/** A line for each number of tokens: the speed of webgguf over that of llama.cpp, by type. */
export function productsLines(products: ProductsResult): string[] {
  const threads = products.rounds.find(({ measurement }) => measurement)?.measurement?.threads;
  return PRODUCT_TOKENS.flatMap((tokens) => {
    const ratios = productSpecs()
      .filter((spec) => spec.tokens === tokens)
      .map((spec) => ({ type: spec.dtype, ...ratio(products, spec) }))
      .filter(({ count }) => count > 0)
      .map(({ type, ...summary }) => `${type} ${times(summary)}`);
    if (ratios.length === 0) return [];
    const what = `${products.width}×${products.out}, ${tokens} token${tokens === 1 ? "" : "s"}, ${threads} threads`;
    return [`${ratios.join(", ")} the speed of llama.cpp (${what})`];
  });
}
