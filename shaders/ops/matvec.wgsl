// Up to three matrices times one row of x. A workgroup makes ROWS rows of one matrix (GLU: of both), its threads sharing
// the columns. The RMS norm of x is part of it: Σ w·x·g, divided at the end by the root of the mean of x² (plus eps),
// which the same loop sums up.
#import "lib/input.wgsl"
#import "lib/output.wgsl"
#if NORM
#if ALIGNED
@group(0) @binding(1) var<storage, read> norm: array<vec4<f32>>;
fn norm_4(at: u32) -> vec4<f32> {
  return norm[at >> 2u];
}
#else
@group(0) @binding(1) var<storage, read> norm: array<f32>;
fn norm_4(at: u32) -> vec4<f32> {
  return vec4<f32>(norm[at], norm[at + 1u], norm[at + 2u], norm[at + 3u]);
}
#endif
#else
@group(0) @binding(1) var<storage, read> norm: array<f32>;
#endif
override eps: f32 = 0.0;
override threads: u32;

#if GLU
const PRODUCTS = 2u * ROWS;
#else
const PRODUCTS = ROWS;
#endif
// The last sum is that of x².
const SUMS = PRODUCTS + 1u;
#import "lib/reduce.wgsl"

#weights 0 @binding(5)
#import "lib/product_slot.wgsl" 0
#import "lib/matvec_slot.wgsl" 0
#if SLOT_1
#weights 1 @binding(6)
#import "lib/product_slot.wgsl" 1
#import "lib/matvec_slot.wgsl" 1
#endif
#if SLOT_2
#weights 2 @binding(7)
#import "lib/product_slot.wgsl" 2
#import "lib/matvec_slot.wgsl" 2
#endif

fn input_32(chunk: u32, sums: ptr<function, array<f32, SUMS>>) -> array<vec4<f32>, 8> {
  var v = x_32(x_at, chunk);
#if NORM
  (*sums)[PRODUCTS] += dot_32(v, v);
  for (var j = 0u; j < 8u; j++) {
    v[j] *= norm_4(chunk * CHUNK + 4u * j);
  }
#endif
  return v;
}

@compute @workgroup_size(threads)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
#if SUBGROUPS
  @builtin(subgroup_size) subgroup_size: u32,
  @builtin(subgroup_invocation_id) subgroup_lane: u32,
#endif
) {
#if !SUBGROUPS
  let subgroup_size = 1u;
  let subgroup_lane = 0u;
#endif
  let group = workgroup.y * workgroups.x + workgroup.x;
  var first = group * ROWS;
  var rows = rows_0;
  var base = base_0;
  var bias_at = bias_at_0;
  var sums: array<f32, SUMS>;

#if GLU
  for (var chunk = lane; chunk < chunks; chunk += threads) {
    let v = input_32(chunk, &sums);
    add_rows_0(first, chunk, v, &sums, 0u);
    add_rows_1(first, chunk, v, &sums, ROWS);
  }
#else
  let groups_0 = (rows_0 + ROWS - 1u) / ROWS;
#if !SLOT_1
  for (var chunk = lane; chunk < chunks; chunk += threads) {
    add_rows_0(first, chunk, input_32(chunk, &sums), &sums, 0u);
  }
#else
  let groups_1 = groups_0 + (rows_1 + ROWS - 1u) / ROWS;
  if (group < groups_0) {
    for (var chunk = lane; chunk < chunks; chunk += threads) {
      add_rows_0(first, chunk, input_32(chunk, &sums), &sums, 0u);
    }
#if SLOT_2
  } else if (group >= groups_1) {
    first = (group - groups_1) * ROWS;
    rows = rows_2;
    base = base_2;
    bias_at = bias_at_2;
    for (var chunk = lane; chunk < chunks; chunk += threads) {
      add_rows_2(first, chunk, input_32(chunk, &sums), &sums, 0u);
    }
#endif
  } else {
    first = (group - groups_0) * ROWS;
    rows = rows_1;
    base = base_1;
    bias_at = bias_at_1;
    for (var chunk = lane; chunk < chunks; chunk += threads) {
      add_rows_1(first, chunk, input_32(chunk, &sums), &sums, 0u);
    }
  }
#endif
#endif

  reduce(&sums, lane, subgroup_size, subgroup_lane);
  let row = first + lane;
  if (lane < ROWS && row < rows) {
    var scale = 1.0;
#if NORM
    scale = inverseSqrt(total(PRODUCTS, subgroup_size) / f32(width) + eps);
#endif
    let sum = with_bias(bias_at + row, total(lane, subgroup_size) * scale);
#if GLU
    let up = with_bias(bias_at_1 + row, total(ROWS + lane, subgroup_size) * scale);
    write(0u, base + row, gated(sum, up));
#else
    write(0u, base + row, sum);
#endif
  }
}
