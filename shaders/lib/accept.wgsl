// The second pass of sampling, one workgroup: chooses among the candidates and hands the token on.
#import "lib/sampler.wgsl"

@group(0) @binding(1) var<storage, read> candidates: array<vec2<u32>>;
/** Steps done, where the next token goes in the ring, tokens in the ring, unused; then the ring of the last tokens. */
@group(0) @binding(2) var<storage, read_write> state: array<u32>;
@group(0) @binding(3) var<storage, read_write> counts: array<u32>;
/** Input of the next step. */
@group(0) @binding(4) var<storage, read_write> tokens: array<u32>;
@group(0) @binding(5) var<storage, read_write> results: array<u32>;

const RING = 4u;

/** Called by one invocation. What is no token goes to the results; the steps after it are fed token 0. */
fn accept(result: u32) {
  let step = state[0];
  state[0] = step + 1u;
  results[step % arrayLength(&results)] = result;
  let token = select(0u, result, result < settings[VOCABULARY]);
  tokens[0] = token;
  if ((settings[FLAGS] & HAS_PENALTIES) == 0u) {
    return;
  }
  let last_n = settings[LAST_N];
  let next = state[1];
  if (state[2] == last_n) {
    counts[state[RING + next]] -= 1u;
  } else {
    state[2] += 1u;
  }
  state[RING + next] = token;
  state[1] = (next + 1u) % last_n;
  counts[token] += 1u;
}
