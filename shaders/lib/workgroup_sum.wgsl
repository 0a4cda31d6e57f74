// Sums over a workgroup of `threads` invocations (a power of two), in workgroup memory.
override threads: u32 = 64u;
var<workgroup> sum_space: array<f32, threads>;

// The sum of every invocation's x, for all of them. To be called by all.
fn workgroup_sum(x: f32, local: u32) -> f32 {
  workgroupBarrier();
  sum_space[local] = x;
  for (var half = threads / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) {
      sum_space[local] += sum_space[local + half];
    }
  }
  workgroupBarrier();
  return sum_space[0];
}
