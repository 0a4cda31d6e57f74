/** Seeded random numbers: xoshiro128** (Blackman and Vigna), seeded by SplitMix32. The same seed gives the same bytes. */
export class Random {
  private readonly state = new Uint32Array(4);
  private readonly drawn = new Uint32Array(256);
  private used = 256;

  constructor(seed: number) {
    let z = seed >>> 0;
    for (let index = 0; index < 4; index++) {
      z = (z + 0x9e3779b9) | 0;
      let mixed = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      this.state[index] = mixed ^ (mixed >>> 16);
    }
  }

  /** Fills `words` with uniformly distributed bits. */
  fill(words: Uint32Array): void {
    let [a, b, c, d] = this.state;
    for (let index = 0; index < words.length; index++) {
      const times5 = Math.imul(b, 5);
      words[index] = Math.imul((times5 << 7) | (times5 >>> 25), 9);
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = (d << 11) | (d >>> 21);
    }
    this.state.set([a, b, c, d]);
  }

  /** A number in [0, 1). */
  float(): number {
    if (this.used === this.drawn.length) {
      this.fill(this.drawn);
      this.used = 0;
    }
    return this.drawn[this.used++] / 2 ** 32;
  }

  /** A whole number in [0, end). */
  below(end: number): number {
    return Math.floor(this.float() * end);
  }
}
