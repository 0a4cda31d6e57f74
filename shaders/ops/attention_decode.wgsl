// Attention of one token over one part of its context (Flash-Decoding, Dao et al. 2023): HEADS query heads of one K/V head,
// which share what is read of the cache. Leaves for each query head and part the largest score, the sum of the
// exponentials below it, and the values summed with these as weights; attention_combine.wgsl joins the parts.
#import "lib/step.wgsl"
#import "lib/kv_cache.wgsl"
#import "lib/splits.wgsl"
// Query heads of a K/V head.
override heads_per_kv: u32 = 1u;
override q_at: u32 = 0u;

@group(0) @binding(0) var<storage, read> step: array<u32>;
@group(0) @binding(1) var<storage, read> q: array<f32>;
@group(0) @binding(4) var<storage, read_write> partials: array<f32>;

const THREADS = 128u;
// Positions between two rescalings of the sums.
const CHUNK = 128u;
// Threads that share the softmax of a head: HEADS times as many are there.
const LANES = 16u;
#if SUBGROUPS
// Four neighbours, a quad of the subgroup, share a position. Threads are taken to be in subgroups in their order.
const SLICES = 4u;
#else
const SLICES = 1u;
#endif

var<workgroup> query: array<vec4<f32>, HEADS * head_size / 4u>;
// Scores, then weights [head][position]; in the end the sums of one head [thread][4].
var<workgroup> weights: array<f32, max(HEADS * CHUNK, 4u * THREADS)>;
var<workgroup> lanes: array<f32, HEADS * LANES>;
var<workgroup> tops: array<f32, HEADS>;
var<workgroup> sums: array<f32, HEADS>;
var<workgroup> shrinks: array<f32, HEADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let tiles = (heads_per_kv + HEADS - 1u) / HEADS;
  let kv_head = group.y / tiles;
  // First of this workgroup's query heads, among those of the K/V head.
  let first = group.y % tiles * HEADS;
  let length = step_position() + 1u;
  let start = first_visible(step_position());
  let size = split_positions(length - start);
  let begin = start + group.x * size;
  if (begin >= length) {
    return;
  }
  let end = min(length, begin + size);

  let quads = head_size / 4u;
  for (var i = local; i < HEADS * quads; i += THREADS) {
    let h = first + i / quads;
    let at = q_at + (kv_head * heads_per_kv + h) * head_size + i % quads * 4u;
    if (h < heads_per_kv) {
      query[i] = vec4(q[at], q[at + 1u], q[at + 2u], q[at + 3u]);
    } else {
      query[i] = vec4(0.0);
    }
  }
  if (local < HEADS) {
    tops[local] = NOTHING;
    sums[local] = 0.0;
  }
  workgroupBarrier();

  // For the values each thread has a column of four numbers, and every `rows`-th position.
  let columns = value_size / 4u;
  let rows = THREADS / columns;
  let column = local % columns;
  let row = local / columns;
  let head = local / LANES;
  let lane = local % LANES;
  var out: array<vec4<f32>, HEADS>;

  for (var chunk = begin; chunk < end; chunk += CHUNK) {
    let count = min(CHUNK, end - chunk);
    for (var p = 0u; p < count; p += THREADS / SLICES) {
      let mine = p + local / SLICES;
      let position = min(chunk + mine, end - 1u);
      var products = array<f32, HEADS>();
      for (var c = local % SLICES; c < quads; c += SLICES) {
        let key = key_quad(position, kv_head, c);
        for (var h = 0u; h < HEADS; h++) {
          products[h] += dot(query[h * quads + c], key);
        }
      }
      for (var h = 0u; h < HEADS; h++) {
        var product = products[h];
#if SUBGROUPS
        product += quadSwapX(product);
        product += quadSwapY(product);
#endif
        if (local % SLICES == 0u) {
          weights[h * CHUNK + mine] = score(product);
        }
      }
    }
    workgroupBarrier();
    var top = NOTHING;
    if (head < HEADS) {
      for (var p = lane; p < count; p += LANES) {
        top = max(top, weights[head * CHUNK + p]);
      }
      lanes[local] = top;
    }
    workgroupBarrier();
    var sum = 0.0;
    if (head < HEADS) {
      top = tops[head];
      for (var i = 0u; i < LANES; i++) {
        top = max(top, lanes[head * LANES + i]);
      }
      for (var p = lane; p < count; p += LANES) {
        let weight = exp(weights[head * CHUNK + p] - top);
        weights[head * CHUNK + p] = weight;
        sum += weight;
      }
    }
    workgroupBarrier();
    if (head < HEADS) {
      lanes[local] = sum;
      if (lane == 0u) {
        shrinks[head] = exp(tops[head] - top);
        tops[head] = top;
      }
    }
    workgroupBarrier();
    if (local < HEADS) {
      var all = sums[local] * shrinks[local];
      for (var i = 0u; i < LANES; i++) {
        all += lanes[local * LANES + i];
      }
      sums[local] = all;
    }
    for (var h = 0u; h < HEADS; h++) {
      out[h] *= shrinks[h];
    }
    if (row < rows) {
      for (var p = row; p < count; p += rows) {
        let value = value_quad(chunk + p, kv_head, column);
        for (var h = 0u; h < HEADS; h++) {
          out[h] += weights[h * CHUNK + p] * value;
        }
      }
    }
    workgroupBarrier();
  }

  for (var h = 0u; h < HEADS; h++) {
    for (var i = 0u; i < 4u; i++) {
      weights[4u * local + i] = out[h][i];
    }
    workgroupBarrier();
    if (first + h < heads_per_kv) {
      let at = ((kv_head * heads_per_kv + first + h) * splits + group.x) * (value_size + 2u);
      if (local == 0u) {
        partials[at] = tops[h];
        partials[at + 1u] = sums[h];
      }
      for (var d = local; d < value_size; d += THREADS) {
        var sum = 0.0;
        for (var r = 0u; r < rows; r++) {
          sum += weights[r * value_size + d];
        }
        partials[at + 2u + d] = sum;
      }
    }
    workgroupBarrier();
  }
}
