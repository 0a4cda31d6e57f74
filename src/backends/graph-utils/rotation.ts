import type { RopeParams } from "../../core/graph.ts";

/**
 * Fills `table` with {cos, sin} of the angle of each pair, for `count` tokens from `position` on: [count][pairs][2].
 *
 * The angle of pair i is position · freqBase^(-2i / rotaryDims) / divisor, scaled by YaRN's mix of interpolated and
 * extrapolated angles (Peng et al. 2023, as in llama.cpp's rope_yarn).
 */
export function fillRotation(
  table: Float32Array,
  rope: RopeParams,
  divisors: Float32Array | undefined,
  position: number,
  count: number,
): void {
  const { rotaryDims, freqBase, freqScale, extFactor, attnFactor, betaFast, betaSlow } = rope;
  const pairs = rotaryDims / 2;
  const low = extFactor ? Math.max(0, Math.floor(pairOf(betaFast, rope))) : 0;
  const high = extFactor ? Math.min(rotaryDims - 1, Math.ceil(pairOf(betaSlow, rope))) : 0;
  const magnitude = attnFactor * (extFactor ? 1 + 0.1 * Math.log(1 / freqScale) : 1);
  for (let i = 0; i < pairs; i++) {
    const base = freqBase ** ((-2 * i) / rotaryDims) / (divisors?.[i] ?? 1);
    const ramp = extFactor ? (1 - Math.min(1, Math.max(0, (i - low) / Math.max(0.001, high - low)))) * extFactor : 0;
    const frequency = base * (freqScale * (1 - ramp) + ramp);
    for (let t = 0; t < count; t++) {
      const angle = (position + t) * frequency;
      const at = t * rotaryDims + 2 * i;
      table[at] = Math.cos(angle) * magnitude;
      table[at + 1] = Math.sin(angle) * magnitude;
    }
  }
}

/** The pair whose wave turns `beta` times within the original context. */
function pairOf(beta: number, { rotaryDims, freqBase, originalContext }: RopeParams): number {
  return (rotaryDims * Math.log(originalContext / (beta * 2 * Math.PI))) / (2 * Math.log(freqBase));
}
