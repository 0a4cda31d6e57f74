/** Random numbers that are the same on every machine for the same seed text. */
export class SeededRandom {
  #state: number;

  /** The state starts as the FNV-1a hash of the text. */
  constructor(seed: string) {
    let hash = 0x811c9dc5;
    for (const byte of new TextEncoder().encode(seed)) hash = Math.imul(hash ^ byte, 0x01000193);
    this.#state = hash >>> 0;
  }

  /** The next 32 bits: splitmix32, a Weyl sequence through MurmurHash3's finaliser (Steele et al. 2014). */
  bits(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  }

  byte(): number {
    return this.bits() >>> 24;
  }

  /** Between 0 and 1, both excluded. */
  uniform(): number {
    return (this.bits() + 0.5) / 2 ** 32;
  }

  /** Mean 0, standard deviation 1 (Box and Muller 1958). */
  gaussian(): number {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }
}
