import type { RopeParams } from "../../core/graph.ts";
import type { OpCase } from "./case.ts";
import { CaseBuilder, tokensAt } from "./case-builder.ts";

const PLAIN = {
  headSize: 64,
  heads: 3,
  rotaryDims: 64,
  pairing: "neighbours",
  freqBase: 10000,
  freqScale: 1,
  extFactor: 0,
  attnFactor: 1,
  betaFast: 32,
  betaSlow: 1,
  originalContext: 4096,
} as const satisfies RopeParams;

/** An angle of thousands of radians in float32 is off by this much. */
const TOLERANCE = { f32: 1e-3, f16: 1e-3, int8: 1e-3 };

function ropeCase(name: string, changes: Partial<RopeParams>, { divisors = false } = {}): OpCase {
  const params: RopeParams = { ...PLAIN, ...changes };
  const width = params.headSize * params.heads;
  const b = new CaseBuilder("rope", name);
  const x = b.input("x", width, 17);
  const inputs = divisors ? ([x, b.nearOne("divisors", params.rotaryDims / 2)] as const) : ([x] as const);
  const y = b.append({ op: "rope", inputs, params }, width);
  const runs = [tokensAt(0, 1), tokensAt(0, 17), tokensAt(5, 3), tokensAt(1000, 5), tokensAt(4095, 1)];
  return b.finish(y, { runs, tolerance: TOLERANCE });
}

const YARN = { extFactor: 1, freqScale: 1 / 8, originalContext: 512 };

export const ROPE_CASES: readonly OpCase[] = (["neighbours", "halves"] as const).flatMap((pairing) => [
  ropeCase(`${pairing}`, { pairing }),
  ropeCase(`${pairing}, heads of 8`, { pairing, headSize: 8, rotaryDims: 8, heads: 8 }),
  ropeCase(`${pairing}, heads of 80`, { pairing, headSize: 80, rotaryDims: 80, heads: 2 }),
  ropeCase(`${pairing}, heads of 128, base 1e6`, { pairing, headSize: 128, rotaryDims: 128, freqBase: 1e6 }),
  ropeCase(`${pairing}, 16 of 64`, { pairing, rotaryDims: 16 }),
  ropeCase(`${pairing}, 20 of 96`, { pairing, headSize: 96, rotaryDims: 20 }),
  ropeCase(`${pairing}, linear`, { pairing, freqScale: 0.25 }),
  ropeCase(`${pairing}, yarn`, { pairing, ...YARN }),
  ropeCase(`${pairing}, yarn, attnFactor`, { pairing, ...YARN, attnFactor: 1.3, rotaryDims: 32 }),
  ropeCase(`${pairing}, divisors`, { pairing }, { divisors: true }),
  ropeCase(`${pairing}, yarn, divisors`, { pairing, ...YARN, rotaryDims: 48 }, { divisors: true }),
]);
