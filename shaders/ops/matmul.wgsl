// Up to three matrices times several rows of x, tile by tile: a workgroup makes TILE_ROWS rows (GLU: half of them gate,
// half up) for TILE_TOKENS tokens. Tiles of 32 columns lie in workgroup memory with neighbouring rows next to each
// other; a thread sums up ROWS × TOKENS products.
//
// F16: tiles of halves. Every 32 weights and every 32 numbers of x are divided by the largest of them, so that neither
// they nor their products leave the range of a half; across chunks the sums are f32.
// PACKED: x comes from ops/quantize.wgsl, weights as integers with a scale per 16.
#if PACKED
override width: u32;
const CHUNK = 32u;
override chunks: u32 = (width + CHUNK - 1u) / CHUNK;
@group(0) @binding(0) var<storage, read> x: array<u32>;
// Word at which the scales and sums of x begin.
override scales_at: u32;
#else
#import "lib/input.wgsl"
#endif
@group(0) @binding(1) var<storage, read> step: array<u32>;
#import "lib/output.wgsl"
// The word of `step` that says how many rows there are.
override rows_word: u32;

const THREAD_ROWS = 16u;
const THREAD_TOKENS = 8u;
const THREADS = THREAD_ROWS * THREAD_TOKENS;
const TILE_ROWS = THREAD_ROWS * ROWS;
const TILE_TOKENS = THREAD_TOKENS * TOKENS;
const PRODUCTS = ROWS * TOKENS;
#if GLU
const MATRIX_ROWS = TILE_ROWS / 2u;
#else
const MATRIX_ROWS = TILE_ROWS;
#endif

#if PACKED
var<workgroup> w_tile: array<vec4<u32>, 2u * TILE_ROWS>;
var<workgroup> x_tile: array<vec4<u32>, 2u * TILE_TOKENS>;
var<workgroup> w_scale: array<vec2<f32>, TILE_ROWS>;
var<workgroup> w_minimum: array<f32, TILE_ROWS>;
// Scale, and the sum of the 32 numbers.
var<workgroup> x_scale: array<vec2<f32>, TILE_TOKENS>;
#else
#if F16
var<workgroup> w_tile: array<vec4<f16>, 8u * TILE_ROWS>;
var<workgroup> x_tile: array<vec4<f16>, 8u * TILE_TOKENS>;
var<workgroup> w_scale: array<f32, TILE_ROWS>;
var<workgroup> x_scale: array<f32, TILE_TOKENS>;

fn largest(v: array<vec4<f32>, 8>) -> f32 {
  var most = abs(v[0]);
  for (var j = 1u; j < 8u; j++) {
    most = max(most, abs(v[j]));
  }
  return max(max(most.x, most.y), max(most.z, most.w));
}
#else
var<workgroup> w_tile: array<vec4<f32>, 8u * TILE_ROWS>;
var<workgroup> x_tile: array<vec4<f32>, 8u * TILE_TOKENS>;
#endif
#endif

#weights 0 @binding(5)
#import "lib/product_slot.wgsl" 0
#import "lib/matmul_slot.wgsl" 0
#if SLOT_1
#weights 1 @binding(6)
#import "lib/product_slot.wgsl" 1
#import "lib/matmul_slot.wgsl" 1
#endif
#if SLOT_2
#weights 2 @binding(7)
#import "lib/product_slot.wgsl" 2
#import "lib/matmul_slot.wgsl" 2
#endif

/// Puts numbers 32·chunk … of x's row `token` into place `i` of the tile.
fn stage_x(token: u32, chunk: u32, i: u32) {
#if PACKED
  let block = token * chunks + chunk;
  let at = block * 8u;
  x_tile[i] = vec4<u32>(x[at], x[at + 1u], x[at + 2u], x[at + 3u]);
  x_tile[TILE_TOKENS + i] = vec4<u32>(x[at + 4u], x[at + 5u], x[at + 6u], x[at + 7u]);
  let scale = scales_at + block * 2u;
  x_scale[i] = bitcast<vec2<f32>>(vec2<u32>(x[scale], x[scale + 1u]));
#else
  let v = x_32(x_at + token * x_stride, chunk);
#if F16
  let scale = largest(v);
  let factor = select(0.0, 1.0 / scale, scale > 0.0);
  x_scale[i] = scale;
  for (var j = 0u; j < 8u; j++) {
    x_tile[j * TILE_TOKENS + i] = vec4<f16>(v[j] * factor);
  }
#else
  for (var j = 0u; j < 8u; j++) {
    x_tile[j * TILE_TOKENS + i] = v[j];
  }
#endif
#endif
}

/// Adds the products of the tiles; sums[n · ROWS + i] is that of row `row` + 16·i and token `token` + 8·n.
fn add_tile(row: u32, token: u32, sums: ptr<function, array<f32, PRODUCTS>>) {
#if PACKED
  var a: array<vec4<u32>, ROWS>;
  var b: array<vec4<u32>, ROWS>;
  var scale: array<vec2<f32>, ROWS>;
  var minimum: array<f32, ROWS>;
  for (var i = 0u; i < ROWS; i++) {
    let at = row + THREAD_ROWS * i;
    a[i] = w_tile[at];
    b[i] = w_tile[TILE_ROWS + at];
    scale[i] = w_scale[at];
    minimum[i] = w_minimum[at];
  }
  for (var n = 0u; n < TOKENS; n++) {
    let at = token + THREAD_TOKENS * n;
    let low = x_tile[at];
    let high = x_tile[TILE_TOKENS + at];
    let factor = x_scale[at];
    for (var i = 0u; i < ROWS; i++) {
      let ints = vec2<f32>(vec2<i32>(dot_16(a[i], low), dot_16(b[i], high)));
      (*sums)[n * ROWS + i] += dot(ints, scale[i]) * factor.x - minimum[i] * factor.y;
    }
  }
#else
#if F16
  var halves: array<vec4<f16>, PRODUCTS>;
  for (var j = 0u; j < 8u; j++) {
    var w: array<vec4<f16>, ROWS>;
    for (var i = 0u; i < ROWS; i++) {
      w[i] = w_tile[j * TILE_ROWS + row + THREAD_ROWS * i];
    }
    for (var n = 0u; n < TOKENS; n++) {
      let v = x_tile[j * TILE_TOKENS + token + THREAD_TOKENS * n];
      for (var i = 0u; i < ROWS; i++) {
        halves[n * ROWS + i] = fma(w[i], v, halves[n * ROWS + i]);
      }
    }
  }
  for (var n = 0u; n < TOKENS; n++) {
    let scale = x_scale[token + THREAD_TOKENS * n];
    for (var i = 0u; i < ROWS; i++) {
      let sum = dot(vec4<f32>(halves[n * ROWS + i]), vec4<f32>(1.0));
      (*sums)[n * ROWS + i] += sum * scale * w_scale[row + THREAD_ROWS * i];
    }
  }
#else
  for (var j = 0u; j < 8u; j++) {
    var w: array<vec4<f32>, ROWS>;
    for (var i = 0u; i < ROWS; i++) {
      w[i] = w_tile[j * TILE_ROWS + row + THREAD_ROWS * i];
    }
    for (var n = 0u; n < TOKENS; n++) {
      let v = x_tile[j * TILE_TOKENS + token + THREAD_TOKENS * n];
      for (var i = 0u; i < ROWS; i++) {
        (*sums)[n * ROWS + i] += dot(w[i], v);
      }
    }
  }
#endif
#endif
}

#if PACKED
fn dot_16(a: vec4<u32>, b: vec4<u32>) -> i32 {
  return (dot4I8Packed(a.x, b.x) + dot4I8Packed(a.y, b.y)) + (dot4I8Packed(a.z, b.z) + dot4I8Packed(a.w, b.w));
}
#endif

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let tokens = step[rows_word];
  let first_token = workgroup.y * TILE_TOKENS;
  var group = workgroup.x;
  var slot = 0u;
  var rows = rows_0;
  var base = base_0;
  var bias_at = bias_at_0;
#if !GLU
#if SLOT_1
  let groups_0 = (rows_0 + TILE_ROWS - 1u) / TILE_ROWS;
  let groups_1 = groups_0 + (rows_1 + TILE_ROWS - 1u) / TILE_ROWS;
  if (group >= groups_0) {
    slot = 1u;
    rows = rows_1;
    base = base_1;
    bias_at = bias_at_1;
#if SLOT_2
    if (group >= groups_1) {
      slot = 2u;
      rows = rows_2;
      base = base_2;
      bias_at = bias_at_2;
      group -= groups_1 - groups_0;
    }
#endif
    group -= groups_0;
  }
#endif
#endif
  let first_row = group * MATRIX_ROWS;
  let thread_row = lane % THREAD_ROWS;
  let thread_token = lane / THREAD_ROWS;
  var sums: array<f32, PRODUCTS>;

  for (var chunk = 0u; chunk < chunks; chunk++) {
    for (var i = lane; i < TILE_ROWS + TILE_TOKENS; i += THREADS) {
      if (i >= TILE_ROWS) {
        stage_x(first_token + i - TILE_ROWS, chunk, i - TILE_ROWS);
#if GLU
      } else if (i >= MATRIX_ROWS) {
        stage_weights_1(first_row + i - MATRIX_ROWS, chunk, i);
#else
#if SLOT_1
      } else if (slot == 1u) {
        stage_weights_1(first_row + i, chunk, i);
#endif
#if SLOT_2
      } else if (slot == 2u) {
        stage_weights_2(first_row + i, chunk, i);
#endif
#endif
      } else {
        stage_weights_0(first_row + i, chunk, i);
      }
    }
    workgroupBarrier();
    add_tile(thread_row, thread_token, &sums);
    workgroupBarrier();
  }

  for (var n = 0u; n < TOKENS; n++) {
    let token = first_token + thread_token + THREAD_TOKENS * n;
    if (token >= tokens) {
      break;
    }
#if GLU
    for (var i = 0u; i < ROWS / 2u; i++) {
      let row = first_row + thread_row + THREAD_ROWS * i;
      if (row < rows) {
        let gate = with_bias(bias_at + row, sums[n * ROWS + i]);
        let up = with_bias(bias_at_1 + row, sums[n * ROWS + ROWS / 2u + i]);
        write(token, base + row, gated(gate, up));
      }
    }
#else
    for (var i = 0u; i < ROWS; i++) {
      let row = first_row + thread_row + THREAD_ROWS * i;
      if (row < rows) {
        write(token, base + row, with_bias(bias_at + row, sums[n * ROWS + i]));
      }
    }
#endif
  }
}
