// The k likeliest tokens of each slice, in any order.
#import "lib/adjusted.wgsl"
#import "lib/select.wgsl"

var<workgroup> keys: array<u32, SLICE>;
var<workgroup> written: atomic<u32>;
var<private> base: u32;

fn entry(i: u32) -> vec2<u32> {
  return vec2(keys[i], base + i);
}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3<u32>) {
  base = group.x * SLICE;
  let k = settings[TOP_K];
  // The last slice may have fewer than k tokens; it is filled up with entries that nobody takes.
  let count = max(k, min(SLICE, settings[VOCABULARY] - group.x * SLICE));
  for (var i = lane; i < count; i += LANES) {
    keys[i] = adjusted_key(base + i);
  }
  workgroupBarrier();
  let cut = cut_after(lane, count, k);
  for (var i = lane; i < count; i += LANES) {
    let e = entry(i);
    if (taken(e, cut)) {
      candidates[group.x * k + atomicAdd(&written, 1u)] = e;
    }
  }
}
