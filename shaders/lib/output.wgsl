// Where products go: bias, gate · up, residual on the way.
@group(0) @binding(2) var<storage, read> bias: array<f32>;
@group(0) @binding(3) var<storage, read> residual: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
override out_at: u32;
override out_stride: u32;
override residual_at: u32;
override residual_stride: u32;

fn with_bias(at: u32, sum: f32) -> f32 {
#if BIAS
  return sum + bias[at];
#else
  return sum;
#endif
}

/// Number `row` of the output's row `token`.
fn write(token: u32, row: u32, value: f32) {
#if RESIDUAL
  out[out_at + token * out_stride + row] = value + residual[residual_at + token * residual_stride + row];
#else
  out[out_at + token * out_stride + row] = value;
#endif
}

/// silu(gate) · up, silu(x) = x / (1 + e⁻ˣ); e⁸⁸ is about the largest power that f32 has.
fn gated(gate: f32, up: f32) -> f32 {
  return gate / (1.0 + exp(min(-gate, 88.0))) * up;
}
