// The rows of x whose results are wanted.
#import "lib/step.wgsl"
override width: u32 = 1u;
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

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let row = group.y;
  let column = group.x * 256u + local;
  if (row >= step_rows() || column >= width) {
    return;
  }
  out[out_at + row * out_stride + column] = x_value(x_at + step_output_row(row) * x_stride + column);
}
