// Number by number of two rows: a + b, or with GLU silu(a) · b, silu(x) = x / (1 + e⁻ˣ) (Shazeer 2020).
#import "lib/step.wgsl"
override width: u32 = 1u;
override a_at: u32 = 0u;
override a_stride: u32 = 0u;
override b_at: u32 = 0u;
override b_stride: u32 = 0u;
override out_at: u32 = 0u;
override out_stride: u32 = 0u;

@group(0) @binding(0) var<storage, read> step: array<u32>;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

fn a_value(at: u32) -> f32 {
#if A_IN_OUT
  return out[at];
#else
  return a[at];
#endif
}
fn b_value(at: u32) -> f32 {
#if B_IN_OUT
  return out[at];
#else
  return b[at];
#endif
}

// e⁻ˣ is infinite below about -88, which some drivers turn into a NaN; silu is 0 there in any case.
fn silu(x: f32) -> f32 {
  return select(x / (1.0 + exp(-x)), 0.0, x < -87.0);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let row = group.y;
  let column = group.x * 256u + local;
  if (row >= step_rows() || column >= width) {
    return;
  }
  let left = a_value(a_at + row * a_stride + column);
  let right = b_value(b_at + row * b_stride + column);
#if GLU
  out[out_at + row * out_stride + column] = silu(left) * right;
#else
  out[out_at + row * out_stride + column] = left + right;
#endif
}
