// SUMS sums across a workgroup's `threads` threads; all of them must come along.
#if SUBGROUPS
// One number of each subgroup, which has 4 threads at least. Threads are taken to be in subgroups in their order.
override partials: u32 = (threads + 3u) / 4u;
#else
override partials: u32 = threads;
#endif
var<workgroup> partial: array<f32, partials * SUMS>;

#if SUBGROUPS
fn reduce(sums: ptr<function, array<f32, SUMS>>, lane: u32, subgroup_size: u32, subgroup_lane: u32) {
  for (var i = 0u; i < SUMS; i++) {
    let sum = subgroupAdd((*sums)[i]);
    if (subgroup_lane == 0u) {
      partial[lane / subgroup_size * SUMS + i] = sum;
    }
  }
  workgroupBarrier();
}

/// The i-th sum, after `reduce`.
fn total(i: u32, subgroup_size: u32) -> f32 {
  let count = (threads + subgroup_size - 1u) / subgroup_size;
  var sum = 0.0;
  for (var s = 0u; s < count; s++) {
    sum += partial[s * SUMS + i];
  }
  return sum;
}
#else
fn reduce(sums: ptr<function, array<f32, SUMS>>, lane: u32, subgroup_size: u32, subgroup_lane: u32) {
  for (var i = 0u; i < SUMS; i++) {
    partial[i * threads + lane] = (*sums)[i];
  }
  workgroupBarrier();
  for (var half = threads / 2u; half > 0u; half /= 2u) {
    if (lane < half) {
      for (var i = 0u; i < SUMS; i++) {
        partial[i * threads + lane] += partial[i * threads + lane + half];
      }
    }
    workgroupBarrier();
  }
}

fn total(i: u32, subgroup_size: u32) -> f32 {
  return partial[i * threads];
}
#endif
