// The first of a workgroup's 256 entries.

var<workgroup> best: array<vec2<u32>, 256>;

/** Every invocation brings an entry (key, token); invocation 0 is given the one that comes before all others. */
fn best_of(lane: u32, entry: vec2<u32>) -> vec2<u32> {
  best[lane] = entry;
  for (var half = 128u; half > 0u; half >>= 1u) {
    workgroupBarrier();
    if (lane < half && before(best[lane + half], best[lane])) {
      best[lane] = best[lane + half];
    }
  }
  return best[lane];
}
