// What every kernel of the sampler knows: its settings, and logits as keys that integers can compare.

/** Written once per answer; the layout is that of `samplerWords` in kernels/sampling.ts. */
@group(0) @binding(0) var<storage, read> settings: array<u32>;

const FLAGS = 0u;
const TOP_K = 1u;
const TYPICAL_P = 2u;
const TOP_P = 3u;
const LN_MIN_P = 4u;
const INVERSE_TEMPERATURE = 5u;
const REPEAT_PENALTY = 6u;
const PRESENCE_PENALTY = 7u;
const FREQUENCY_PENALTY = 8u;
const LAST_N = 9u;
const SEED = 10u;
const VOCABULARY = 12u;
/** Workgroups of the first pass. */
const SLICES = 13u;

const HAS_PENALTIES = 1u;
const HAS_BIAS = 2u;

fn setting(word: u32) -> f32 {
  return bitcast<f32>(settings[word]);
}

/** Tokens that one workgroup of the first pass looks at. */
const SLICE = 2048u;
const LANES = 256u;

/** Keys of -infinity and of +infinity. No logit's key is 0; a NaN's is above all. */
const KEY_FORBIDDEN = 0x007fffffu;
const KEY_INFINITE = 0xff800000u;

/** Results that are no token: logits are not numbers; every token is ruled out. */
const NOT_NUMBERS = 0xffffffffu;
const NOTHING_LEFT = 0xfffffffeu;

/** Orders the bits of f32 as the numbers are ordered; -0 is 0. */
fn key_of(bits: u32) -> u32 {
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) {
    return 0xffffffffu;
  }
  if (magnitude == 0u) {
    return 0x80000000u;
  }
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}

fn logit_of(key: u32) -> f32 {
  return bitcast<f32>(select(~key, key & 0x7fffffffu, (key >> 31u) == 1u));
}

/** Whether entry `a` (key, token) comes before `b`: larger logits first, equal ones by token. */
fn before(a: vec2<u32>, b: vec2<u32>) -> bool {
  return a.x > b.x || (a.x == b.x && a.y < b.y);
}

/** `token`, unless its key says that there is none to be had. */
fn checked(key: u32, token: u32) -> u32 {
  if (key >= KEY_INFINITE) {
    return NOT_NUMBERS;
  }
  return select(token, NOTHING_LEFT, key <= KEY_FORBIDDEN);
}
