// Takes the likeliest token of all slices.
#import "lib/accept.wgsl"
#import "lib/reduce_best.wgsl"

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
  var entry = vec2(0u, 0xffffffffu);
  for (var i = lane; i < settings[SLICES]; i += LANES) {
    if (before(candidates[i], entry)) {
      entry = candidates[i];
    }
  }
  let first = best_of(lane, entry);
  if (lane == 0u) {
    accept(checked(first.x, first.y));
  }
}
