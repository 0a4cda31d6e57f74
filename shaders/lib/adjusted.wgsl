// The first pass of sampling: logits with bias and penalties, cut into slices. Leaves (key, token) pairs.
#import "lib/sampler.wgsl"

override logits_at: u32 = 0u;

/** Bits of F32: NaN, infinities and denormal numbers stay what they are. */
@group(0) @binding(1) var<storage, read> logits: array<u32>;
/** How often each token stands among the last ones. */
@group(0) @binding(2) var<storage, read> counts: array<u32>;
@group(0) @binding(3) var<storage, read> bias: array<u32>;
@group(0) @binding(4) var<storage, read_write> candidates: array<vec2<u32>>;

/** The key of the token's logit plus bias, less penalties; 0 beyond the vocabulary. */
fn adjusted_key(token: u32) -> u32 {
  if (token >= settings[VOCABULARY]) {
    return 0u;
  }
  let bits = logits[logits_at + token];
  let flags = settings[FLAGS];
  if (flags == 0u || (bits & 0x7f800000u) == 0x7f800000u) {
    return key_of(bits);
  }
  var logit = bitcast<f32>(bits);
  if ((flags & HAS_BIAS) != 0u) {
    if (bias[token] == 0xff800000u) {
      return KEY_FORBIDDEN;
    }
    logit += bitcast<f32>(bias[token]);
  }
  if ((flags & HAS_PENALTIES) != 0u && counts[token] > 0u) {
    let repeat = setting(REPEAT_PENALTY);
    logit = select(logit / repeat, logit * repeat, logit <= 0.0);
    logit -= f32(counts[token]) * setting(FREQUENCY_PENALTY) + setting(PRESENCE_PENALTY);
  }
  return key_of(bitcast<u32>(logit));
}
