// The `used` experts with the largest logits, largest first (the lower number where logits are equal), then their weights:
// the softmax over those logits alone. One workgroup a row.
#import "lib/step.wgsl"
override experts: u32 = 1u;
override used: u32 = 1u;
override x_at: u32 = 0u;
override x_stride: u32 = 0u;
override out_at: u32 = 0u;
override out_stride: u32 = 0u;

@group(0) @binding(0) var<storage, read> step: array<u32>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

fn x_value(at: u32) -> f32 {
#if X_IN_OUT
  return out[at];
#else
  return x[at];
#endif
}

const THREADS = 64u;
const NONE = 0xffffffffu;
// Experts that are not picked yet; for each thread its best one; what has been picked.
var<workgroup> free: array<u32, experts>;
var<workgroup> logits: array<f32, experts>;
var<workgroup> best: array<u32, THREADS>;
var<workgroup> picked: array<u32, used>;

// The better of two experts; a logit that is no number never beats another.
fn better(left: u32, right: u32) -> u32 {
  if (left == NONE || right == NONE) {
    return min(left, right);
  }
  let low = min(left, right);
  let high = max(left, right);
  return select(low, high, logits[high] > logits[low]);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let row = group.y;
  if (row >= step_rows()) {
    return;
  }
  for (var e = local; e < experts; e += THREADS) {
    free[e] = 1u;
    logits[e] = x_value(x_at + row * x_stride + e);
  }
  workgroupBarrier();
  for (var n = 0u; n < used; n++) {
    var mine = NONE;
    for (var e = local; e < experts; e += THREADS) {
      if (free[e] == 1u) {
        mine = better(mine, e);
      }
    }
    best[local] = mine;
    for (var half = THREADS / 2u; half > 0u; half /= 2u) {
      workgroupBarrier();
      if (local < half) {
        best[local] = better(best[local], best[local + half]);
      }
    }
    workgroupBarrier();
    if (local == 0u) {
      picked[n] = best[0];
      free[best[0]] = 0u;
    }
    workgroupBarrier();
  }
  if (local != 0u) {
    return;
  }
  let to = out_at + row * out_stride;
  let top = logits[picked[0]];
  var sum = 0.0;
  for (var n = 0u; n < used; n++) {
    sum += exp(logits[picked[n]] - top);
  }
  for (var n = 0u; n < used; n++) {
    out[to + n] = f32(picked[n]);
    out[to + used + n] = exp(logits[picked[n]] - top) / sum;
  }
}
