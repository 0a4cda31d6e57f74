// One matrix product per picked expert: workgroup (g, n, t) makes ROWS rows of token t's n-th pick. The matrix holds the
// experts' rows one after another; a buffer may hold only some of them, from `first_held` on.
#import "lib/input.wgsl"
@group(0) @binding(1) var<storage, read> routes: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
override routes_at: u32;
override routes_stride: u32;
override out_at: u32;
override out_stride: u32;
// From one pick's row of x to the next; 0 where all share one.
override pick_stride: u32;
override expert_rows: u32;
override first_held: u32;
override threads: u32;
const SUMS = ROWS;
#import "lib/reduce.wgsl"
#weights 0 @binding(3)
#import "lib/product_slot.wgsl" 0
#import "lib/matvec_slot.wgsl" 0

@compute @workgroup_size(threads)
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
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
  let token = workgroup.z;
  let pick = workgroup.y;
  let first = workgroup.x * ROWS;
  let expert = u32(routes[routes_at + token * routes_stride + pick]);
  // Of these rows, `skipped` come before those held here.
  let row = expert * expert_rows + first;
  let held = max(row, first_held) - first_held;
  let skipped = max(row, first_held) - row;
  var sums: array<f32, SUMS>;
  if (skipped < ROWS && held < rows_0) {
    let start = x_at + token * x_stride + pick * pick_stride;
    for (var chunk = lane; chunk < chunks; chunk += threads) {
      add_rows_0(held, chunk, x_32(start, chunk), &sums, 0u);
    }
  }
  reduce(&sums, lane, subgroup_size, subgroup_lane);
  if (lane + skipped < ROWS && first + skipped + lane < expert_rows && held + lane < rows_0) {
    out[out_at + token * out_stride + pick * expert_rows + first + skipped + lane] = total(lane, subgroup_size);
  }
}
