import type { RopeParams } from "../../../core/graph.ts";
import type { Matrix, Tensor } from "../matrix.ts";
import type { Steps } from "../steps.ts";

/**
 * Rotary position embedding (Su et al. 2021): pair i of each head turns by the angle position · freqBase^(-2i/rotaryDims),
 * divided by divisors[i]. The numbers of a head past `rotaryDims` stay as they are.
 *
 * The angle is interpolated, i.e. times `freqScale` (Chen et al. 2023). With YaRN (Peng et al. 2023, section 3) it is a
 * mixture of the interpolated and the plain angle, see `yarnRamp`, and sine and cosine grow by 1 + 0.1·ln(1/freqScale).
 */
export function* rope(x: Matrix, divisors: Tensor | undefined, position: number, params: RopeParams, y: Matrix): Steps {
  const { headSize, heads, rotaryDims, pairing } = params;
  const pairs = rotaryDims / 2;
  const magnitude = params.attnFactor * (params.extFactor === 0 ? 1 : 1 + 0.1 * Math.log(1 / params.freqScale));
  y.data.set(x.data);
  for (let row = 0; row < x.rows; row++) {
    for (let pair = 0; pair < pairs; pair++) {
      const angle = ropeAngle(position + row, pair, divisors?.data[pair] ?? 1, params);
      const cos = Math.cos(angle) * magnitude;
      const sin = Math.sin(angle) * magnitude;
      for (let head = 0; head < heads; head++) {
        const start = row * x.width + head * headSize;
        const a = start + (pairing === "neighbours" ? 2 * pair : pair);
        const b = pairing === "neighbours" ? a + 1 : a + pairs;
        y.data[a] = x.data[a] * cos - x.data[b] * sin;
        y.data[b] = x.data[a] * sin + x.data[b] * cos;
      }
    }
    yield;
  }
}

/** The angle by which pair `pair` turns at `position`. */
export function ropeAngle(position: number, pair: number, divisor: number, params: RopeParams): number {
  const plain = (position * params.freqBase ** ((-2 * pair) / params.rotaryDims)) / divisor;
  const interpolated = plain * params.freqScale;
  const mix = params.extFactor === 0 ? 0 : yarnRamp(pair, params) * params.extFactor;
  return interpolated * (1 - mix) + plain * mix;
}

/**
 * YaRN's ramp: 1 for pairs that turn more than `betaFast` times within the original context, 0 for those that turn
 * less than `betaSlow` times, linear in the pair's number between. Bounds are whole numbers of dimensions, as in the
 * authors' code.
 */
function yarnRamp(pair: number, { rotaryDims, freqBase, betaFast, betaSlow, originalContext }: RopeParams): number {
  /** The pair (as a real number) that turns `turns` times within the original context. */
  const pairTurning = (turns: number): number =>
    (rotaryDims * Math.log(originalContext / (turns * 2 * Math.PI))) / (2 * Math.log(freqBase));
  const low = Math.max(0, Math.floor(pairTurning(betaFast)));
  const high = Math.min(rotaryDims - 1, Math.ceil(pairTurning(betaSlow)));
  const along = (pair - low) / Math.max(0.001, high - low);
  return 1 - Math.min(1, Math.max(0, along));
}
