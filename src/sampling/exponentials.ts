// x = −k·ln 2 + r with |r| ≤ ½ ln 2, and a rational approximation of exp(r): the method and the constants of fdlibm's exp
// (Sun Microsystems 1993), which has an error below one unit in the last place. ln 2 is split so that k·LN2_HIGH is exact.
const LN2_HIGH = 6.931471803691238e-1;
const LN2_LOW = 1.9082149292705877e-10;
const P1 = 1.6666666666666602e-1;
const P2 = -2.7777777777015593e-3;
const P3 = 6.613756321437934e-5;
const P4 = -1.6533902205465252e-6;
const P5 = 4.1381367970572385e-8;

/** Below this, results near the subnormal numbers are left to `Math.exp`. */
const LEAST = -700;
const POWERS = Float64Array.from({ length: 1024 }, (_, k) => 2 ** -k);

/**
 * Writes exp(`source[i]` − `max`) to `target[i]` for i < `count` and returns the sum, added up in this order before the
 * numbers are rounded to single precision. No `source[i]` is above `max`. `Math.exp` gives the same where it is fdlibm's,
 * but is a call for each number; here two numbers at a time fill each other's waits.
 */
export function exponentials(source: Float32Array, max: number, count: number, target: Float32Array): number {
  let sum = 0;
  let i = 0;
  for (; i + 1 < count; i += 2) {
    const xa = source[i] - max;
    const xb = source[i + 1] - max;
    let ea: number;
    let eb: number;
    if (xa >= LEAST && xb >= LEAST) {
      const ka = (0.5 - Math.LOG2E * xa) | 0;
      const kb = (0.5 - Math.LOG2E * xb) | 0;
      const highA = xa + ka * LN2_HIGH;
      const highB = xb + kb * LN2_HIGH;
      const lowA = -(ka * LN2_LOW);
      const lowB = -(kb * LN2_LOW);
      const ra = highA - lowA;
      const rb = highB - lowB;
      const ta = ra * ra;
      const tb = rb * rb;
      const ca = ra - ta * (P1 + ta * (P2 + ta * (P3 + ta * (P4 + ta * P5))));
      const cb = rb - tb * (P1 + tb * (P2 + tb * (P3 + tb * (P4 + tb * P5))));
      ea = (1 - (lowA - (ra * ca) / (2 - ca) - highA)) * POWERS[ka];
      eb = (1 - (lowB - (rb * cb) / (2 - cb) - highB)) * POWERS[kb];
    } else {
      ea = Math.exp(xa);
      eb = Math.exp(xb);
    }
    target[i] = ea;
    target[i + 1] = eb;
    sum += ea;
    sum += eb;
  }
  if (i < count) {
    const e = Math.exp(source[i] - max);
    target[i] = e;
    sum += e;
  }
  return sum;
}
