/**
 * xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), its 128 bits of state
 * filled by SplitMix64 from the seed, as its authors advise. Small, fast, the same on every machine.
 */
export class Random {
  readonly #state = new Uint32Array(4);

  /** `seed`: any safe integer. */
  constructor(seed: number) {
    let counter = BigInt(seed);
    for (let i = 0; i < 4; i += 2) {
      counter = BigInt.asUintN(64, counter + 0x9e3779b97f4a7c15n);
      let z = counter;
      z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
      z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
      z ^= z >> 31n;
      this.#state[i] = Number(z & 0xffffffffn);
      this.#state[i + 1] = Number(z >> 32n);
    }
  }

  /** A generator with this very state, four 32-bit words of which one is not 0. */
  static fromState(words: ArrayLike<number>): Random {
    const random = new Random(0);
    random.#state.set(words);
    return random;
  }

  /** An integer in 0 … 2³² − 1. */
  nextUint32(): number {
    const s = this.#state;
    const result = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotateLeft(s[3], 11);
    return result;
  }

  /** A number in [0, 1), 53 random bits. */
  next(): number {
    const high = this.nextUint32() >>> 5;
    const low = this.nextUint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}
