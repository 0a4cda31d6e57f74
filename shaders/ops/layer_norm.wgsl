// (x - mean) / sqrt(variance + eps) · weight + bias for each row. Source: Ba et al. 2016.
#import "lib/step.wgsl"
#import "lib/workgroup_sum.wgsl"
override size: u32 = 1u;
override eps: f32 = 0.0;
override x_at: u32 = 0u;
override x_stride: u32 = 0u;
override out_at: u32 = 0u;
override out_stride: u32 = 0u;

@group(0) @binding(0) var<storage, read> step: array<u32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

fn x_value(at: u32) -> f32 {
#if X_IN_OUT
  return out[at];
#else
  return x[at];
#endif
}

@compute @workgroup_size(threads)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let row = group.y;
  if (row >= step_rows()) {
    return;
  }
  let source = x_at + row * x_stride;
  var sum = 0.0;
  for (var i = local; i < size; i += threads) {
    sum += x_value(source + i);
  }
  let mean = workgroup_sum(sum, local) / f32(size);
  var squares = 0.0;
  for (var i = local; i < size; i += threads) {
    let value = x_value(source + i) - mean;
    squares += value * value;
  }
  let factor = 1.0 / sqrt(workgroup_sum(squares, local) / f32(size) + eps);
  let to = out_at + row * out_stride;
  for (var i = local; i < size; i += threads) {
    out[to + i] = (x_value(source + i) - mean) * factor * weight[i] + bias[i];
  }
}
