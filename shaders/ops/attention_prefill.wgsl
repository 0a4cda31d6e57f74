// Causal attention of many tokens in one pass over the cache (Dao et al. 2022). A workgroup takes 32 queries, tokens times
// the query heads of one K/V head, over blocks of 32 keys. Its 128 threads are 8 × 16: a thread has four queries, and of the
// products two keys, of the result every sixteenth column of four numbers.
#import "lib/step.wgsl"
#import "lib/kv_cache.wgsl"
override heads_per_kv: u32 = 1u;
override q_at: u32 = 0u;
override q_stride: u32 = 0u;
override out_at: u32 = 0u;
override out_stride: u32 = 0u;

@group(0) @binding(0) var<storage, read> step: array<u32>;
@group(0) @binding(1) var<storage, read> q: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
#if SINKS
@group(0) @binding(5) var<storage, read> sinks: array<f32>;
#endif

const THREADS = 128u;
const QUERIES = 32u;
const KEYS = 32u;
// Numbers of a head at a time, in fours; a row of them in workgroup memory is one longer against bank conflicts.
const QUADS = 8u;
const PITCH = 9u;

var<workgroup> query_tile: array<vec4<f32>, QUERIES * PITCH>;
var<workgroup> key_tile: array<vec4<f32>, KEYS * PITCH>;
// Scores, then weights, a row longer by one as well.
var<workgroup> weights: array<f32, QUERIES * (KEYS + 1u)>;
var<workgroup> quarters: array<f32, THREADS>;
var<workgroup> tops: array<f32, QUERIES>;
var<workgroup> sums: array<f32, QUERIES>;
var<workgroup> shrinks: array<f32, QUERIES>;

fn q_value(at: u32) -> f32 {
#if Q_IN_OUT
  return out[at];
#else
  return q[at];
#endif
}

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let kv_head = group.y;
  // The last queries see the most: they come first.
  let first = (groups.x - 1u - group.x) * QUERIES;
  let tokens = step_tokens();
  if (first / heads_per_kv >= tokens) {
    return;
  }
  let position = step_position();
  let end = position + min(tokens, (first + QUERIES - 1u) / heads_per_kv + 1u);
  let quads = head_size / 4u;
  let columns = value_size / 4u;
  let x = local % 16u;
  let y = local / 16u * 4u;
  // In the softmax four threads share a query.
  let softmax_row = local / 4u;
  let softmax_key = local % 4u * 8u;
  if (local < QUERIES) {
    tops[local] = NOTHING;
    sums[local] = 0.0;
  }
  var result: array<vec4<f32>, 4u * COLUMNS>;

  for (var block = first_visible(position + first / heads_per_kv); block < end; block += KEYS) {
    var products = array<f32, 8>();
    for (var c0 = 0u; c0 < quads; c0 += QUADS) {
      workgroupBarrier();
      for (var i = local; i < QUERIES * QUADS; i += THREADS) {
        let r = i / QUADS;
        let c = i % QUADS;
        var quad = vec4(0.0);
        var key = vec4(0.0);
        if (c0 + c < quads) {
          let token = (first + r) / heads_per_kv;
          if (token < tokens) {
            let head = kv_head * heads_per_kv + (first + r) % heads_per_kv;
            let at = q_at + token * q_stride + head * head_size + (c0 + c) * 4u;
            quad = vec4(q_value(at), q_value(at + 1u), q_value(at + 2u), q_value(at + 3u));
          }
          if (block + r < end) {
            key = key_quad(block + r, kv_head, c0 + c);
          }
        }
        query_tile[r * PITCH + c] = quad;
        key_tile[r * PITCH + c] = key;
      }
      workgroupBarrier();
      for (var c = 0u; c < QUADS; c++) {
        let left = key_tile[x * PITCH + c];
        let right = key_tile[(x + 16u) * PITCH + c];
        for (var i = 0u; i < 4u; i++) {
          let quad = query_tile[(y + i) * PITCH + c];
          products[2u * i] += dot(quad, left);
          products[2u * i + 1u] += dot(quad, right);
        }
      }
    }
    for (var i = 0u; i < 8u; i++) {
      let r = y + i / 2u;
      let key = x + i % 2u * 16u;
      let own = position + (first + r) / heads_per_kv;
      let visible = block + key <= own && block + key >= first_visible(own);
      weights[r * (KEYS + 1u) + key] = select(NOTHING, score(products[i]), visible);
    }
    workgroupBarrier();

    let row = softmax_row * (KEYS + 1u) + softmax_key;
    var top = NOTHING;
    for (var i = 0u; i < 8u; i++) {
      top = max(top, weights[row + i]);
    }
    quarters[local] = top;
    workgroupBarrier();
    top = tops[softmax_row];
    for (var i = 0u; i < 4u; i++) {
      top = max(top, quarters[softmax_row * 4u + i]);
    }
    var sum = 0.0;
    for (var i = 0u; i < 8u; i++) {
      let value = weights[row + i];
      let weight = select(0.0, exp(value - top), value > NOTHING);
      weights[row + i] = weight;
      sum += weight;
    }
    workgroupBarrier();
    quarters[local] = sum;
    if (local % 4u == 0u) {
      shrinks[softmax_row] = exp(tops[softmax_row] - top);
      tops[softmax_row] = top;
    }
    workgroupBarrier();
    if (local < QUERIES) {
      sums[local] = sums[local] * shrinks[local] + quarters[4u * local] + quarters[4u * local + 1u] + quarters[4u * local + 2u] + quarters[4u * local + 3u];
    }

    for (var i = 0u; i < 4u; i++) {
      for (var j = 0u; j < COLUMNS; j++) {
        result[i * COLUMNS + j] *= shrinks[y + i];
      }
    }
    let count = min(KEYS, end - block);
    for (var key = 0u; key < count; key++) {
      for (var j = 0u; j < COLUMNS; j++) {
        let column = x + 16u * j;
        if (column < columns) {
          let value = value_quad(block + key, kv_head, column);
          for (var i = 0u; i < 4u; i++) {
            result[i * COLUMNS + j] += weights[(y + i) * (KEYS + 1u) + key] * value;
          }
        }
      }
    }
  }
  workgroupBarrier();

  for (var i = 0u; i < 4u; i++) {
    let token = (first + y + i) / heads_per_kv;
    if (token < tokens) {
      let head = kv_head * heads_per_kv + (first + y + i) % heads_per_kv;
      var factor = 1.0 / sums[y + i];
#if SINKS
      let top = max(tops[y + i], sinks[head]);
      let shrink = exp(tops[y + i] - top);
      factor = shrink / (sums[y + i] * shrink + exp(sinks[head] - top));
#endif
      for (var j = 0u; j < COLUMNS; j++) {
        let column = x + 16u * j;
        if (column < columns) {
          let value = result[i * COLUMNS + j] * factor;
          let at = out_at + token * out_stride + head * value_size + 4u * column;
          for (var n = 0u; n < 4u; n++) {
            out[at + n] = value[n];
          }
        }
      }
    }
  }
}
