// Draws a token: of all slices' candidates the k likeliest, then typical-p, top-p, min-p, temperature, as
// src/sampling/chain.ts has them. Probabilities stand as weights relative to the likeliest.
#import "lib/accept.wgsl"
#import "lib/select.wgsl"
#import "lib/philox.wgsl"

var<workgroup> gathered: array<vec2<u32>, 256>;
var<workgroup> written: atomic<u32>;
/** Likeliest first. */
var<workgroup> sorted: array<vec2<u32>, 256>;
var<workgroup> weights: array<f32, 256>;
/** How far a token's surprise is from the entropy. */
var<workgroup> distances: array<f32, 256>;
var<workgroup> pick: atomic<u32>;
var<workgroup> last: atomic<u32>;

fn entry(i: u32) -> vec2<u32> {
  return candidates[i];
}

struct Sums {
  before: f32,
  total: f32,
  /** Place of the likeliest with a weight. */
  first: u32,
}

/** For the first k invocations; the others have no use for it. */
fn sums_at(lane: u32, k: u32) -> Sums {
  var s = Sums(0.0, 0.0, 256u);
  if (lane >= k) {
    return s;
  }
  for (var i = 0u; i < k; i++) {
    if (i == lane) {
      s.before = s.total;
    }
    if (weights[i] > 0.0) {
      s.first = min(s.first, i);
    }
    s.total += weights[i];
  }
  return s;
}

/** Whether the token is among the most typical ones that together reach the probability `p`. */
fn is_typical(lane: u32, k: u32, logit: f32, p: f32) -> bool {
  let total = sums_at(lane, k).total;
  let likeliest = logit_of(sorted[0].x);
  let ln_total = log(total);
  var entropy = 0.0;
  for (var i = 0u; i < k; i++) {
    if (weights[i] > 0.0) {
      entropy += weights[i] / total * (ln_total + likeliest - logit_of(sorted[i].x));
    }
  }
  let distance = abs(ln_total + likeliest - logit - entropy);
  distances[lane] = distance;
  workgroupBarrier();
  var mass = 0.0;
  var first = true;
  for (var i = 0u; i < k; i++) {
    let closer = distances[i] < distance || (distances[i] == distance && sorted[i].y < sorted[lane].y);
    if (weights[i] > 0.0 && closer) {
      mass += weights[i];
      first = false;
    }
  }
  workgroupBarrier();
  return first || mass < p * total;
}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
  let k = settings[TOP_K];
  let count = settings[SLICES] * k;
  let cut = cut_after(lane, count, k);
  for (var i = lane; i < count; i += LANES) {
    let e = entry(i);
    if (taken(e, cut)) {
      gathered[atomicAdd(&written, 1u)] = e;
    }
  }
  workgroupBarrier();
  if (lane < k) {
    let own = gathered[lane];
    var place = 0u;
    for (var i = 0u; i < k; i++) {
      place += select(0u, 1u, before(gathered[i], own));
    }
    sorted[place] = own;
  }
  workgroupBarrier();

  let alive = lane < k && sorted[lane].x > KEY_FORBIDDEN && sorted[0].x < KEY_INFINITE;
  let logit = select(0.0, logit_of(sorted[lane].x), alive);
  let likeliest = select(0.0, logit_of(sorted[0].x), alive);
  weights[lane] = select(0.0, exp(logit - likeliest), alive);
  atomicStore(&pick, 256u);
  workgroupBarrier();

  let typical_p = setting(TYPICAL_P);
  if (typical_p < 1.0) {
    if (!is_typical(lane, k, logit, typical_p)) {
      weights[lane] = 0.0;
    }
    workgroupBarrier();
  }

  let shares = sums_at(lane, k);
  let top = logit_of(sorted[min(shares.first, 255u)].x);
  let top_p = setting(TOP_P);
  var kept = alive && weights[lane] > 0.0;
  kept = kept && (top_p >= 1.0 || shares.before < top_p * shares.total || lane == shares.first);
  kept = kept && logit >= top + setting(LN_MIN_P);
  let inverse_temperature = setting(INVERSE_TEMPERATURE);
  workgroupBarrier();
  weights[lane] = select(0.0, exp((logit - top) * inverse_temperature), kept);
  workgroupBarrier();

  let chances = sums_at(lane, k);
  let random = philox(vec4(state[0], 0u, 0u, 0u), vec2(settings[SEED], settings[SEED + 1u]));
  let drawn = f32(random.x >> 8u) * 0x1p-24 * chances.total;
  if (weights[lane] > 0.0) {
    if (chances.before + weights[lane] > drawn) {
      atomicMin(&pick, lane);
    }
    // Rounding can leave a little behind the last one.
    atomicMax(&last, lane);
  }
  workgroupBarrier();
  storageBarrier();
  if (lane == 0u) {
    var place = atomicLoad(&pick);
    if (place > 255u) {
      place = atomicLoad(&last);
    }
    if (inverse_temperature == 0.0) {
      place = min(shares.first, 255u);
    }
    let likeliest_key = sorted[0].x;
    let refused = checked(likeliest_key, 0u) != 0u;
    accept(select(sorted[place].y, checked(likeliest_key, 0u), refused));
  }
}
