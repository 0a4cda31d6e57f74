// Joins the parts that attention_decode.wgsl leaves; one workgroup a query head.
#import "lib/step.wgsl"
#import "lib/splits.wgsl"
override value_size: u32 = 4u;
override window: u32 = 0u;
override out_at: u32 = 0u;

@group(0) @binding(0) var<storage, read> step: array<u32>;
@group(0) @binding(1) var<storage, read> partials: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
#if SINKS
@group(0) @binding(3) var<storage, read> sinks: array<f32>;
#endif

const THREADS = 64u;
var<workgroup> tops: array<f32, splits>;
// What each part counts, and its share of the sum.
var<workgroup> factors: array<f32, splits>;
var<workgroup> shares: array<f32, splits>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let head = group.x;
  let length = step_position() + 1u;
  let visible = select(length, min(length, window), window > 0u);
  let size = split_positions(visible);
  let parts = (visible + size - 1u) / size;
  let stride = value_size + 2u;
  let first = head * splits * stride;
  for (var s = local; s < parts; s += THREADS) {
    tops[s] = partials[first + s * stride];
  }
  workgroupBarrier();
#if SINKS
  var top = sinks[head];
#else
  var top = tops[0];
#endif
  for (var s = 0u; s < parts; s++) {
    top = max(top, tops[s]);
  }
  for (var s = local; s < parts; s += THREADS) {
    let factor = exp(tops[s] - top);
    factors[s] = factor;
    shares[s] = factor * partials[first + s * stride + 1u];
  }
  workgroupBarrier();
#if SINKS
  var sum = exp(sinks[head] - top);
#else
  var sum = 0.0;
#endif
  for (var s = 0u; s < parts; s++) {
    sum += shares[s];
  }
  for (var d = local; d < value_size; d += THREADS) {
    var value = 0.0;
    for (var s = 0u; s < parts; s++) {
      value += factors[s] * partials[first + s * stride + 2u + d];
    }
    out[out_at + head * value_size + d] = value / sum;
  }
}
