// The likeliest token of each slice.
#import "lib/adjusted.wgsl"
#import "lib/reduce_best.wgsl"

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3<u32>) {
  let base = group.x * SLICE;
  var entry = vec2(0u, 0xffffffffu);
  for (var i = lane; i < SLICE; i += LANES) {
    let other = vec2(adjusted_key(base + i), base + i);
    if (before(other, entry)) {
      entry = other;
    }
  }
  let first = best_of(lane, entry);
  if (lane == 0u) {
    candidates[group.x] = first;
  }
}
