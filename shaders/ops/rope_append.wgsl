// Between the q, k, v product and attention: RMS norm of each q and k head, rotation, and k and v into the cache; each part
// only where it is wanted. One workgroup takes one head of one token: q heads first, then k heads, then v heads.
#import "lib/step.wgsl"
#import "lib/workgroup_sum.wgsl"
override eps: f32 = 0.0;
override q_heads: u32 = 0u;
override kv_heads: u32 = 0u;
override head_size: u32 = 2u;
override value_size: u32 = 2u;
override rotary_dims: u32 = 0u;
// First word of the rotation table in the step buffer.
override rotation_at: u32 = 0u;
override q_at: u32 = 0u;
override q_stride: u32 = 0u;
override k_at: u32 = 0u;
override k_stride: u32 = 0u;
override v_at: u32 = 0u;
override v_stride: u32 = 0u;
override q_out_at: u32 = 0u;
override q_out_stride: u32 = 0u;
override k_out_at: u32 = 0u;
override k_out_stride: u32 = 0u;

@group(0) @binding(0) var<storage, read> step: array<u32>;
// With NORM, q and k lie in `work` and these are the norms' weights.
@group(0) @binding(1) var<storage, read> q_source: array<f32>;
@group(0) @binding(2) var<storage, read> k_source: array<f32>;
@group(0) @binding(3) var<storage, read> v_source: array<f32>;
#if CACHE
#if KV_F16
@group(0) @binding(4) var<storage, read_write> keys: array<u32>;
@group(0) @binding(5) var<storage, read_write> values: array<u32>;
#else
@group(0) @binding(4) var<storage, read_write> keys: array<f32>;
@group(0) @binding(5) var<storage, read_write> values: array<f32>;
#endif
#if WORK
@group(0) @binding(6) var<storage, read_write> work: array<f32>;
#endif
#else
@group(0) @binding(4) var<storage, read_write> work: array<f32>;
#endif

var<workgroup> head: array<f32, max(head_size, value_size)>;

fn q_value(at: u32) -> f32 {
#if Q_IN_OUT
  return work[at];
#else
  return q_source[at];
#endif
}
fn k_value(at: u32) -> f32 {
#if K_IN_OUT
  return work[at];
#else
  return k_source[at];
#endif
}
fn v_value(at: u32) -> f32 {
#if V_IN_OUT
  return work[at];
#else
  return v_source[at];
#endif
}

// Number i of the head in `head`, turned.
fn turned(token: u32, i: u32) -> f32 {
  if (i >= rotary_dims) {
    return head[i];
  }
  let pairs = rotary_dims / 2u;
#if NEIGHBOURS
  let pair = i / 2u;
  let first = 2u * pair;
  let second = first + 1u;
#else
  let pair = i % pairs;
  let first = pair;
  let second = pair + pairs;
#endif
  let turn = step_rotation(rotation_at, token, pairs, pair);
  return select(head[first] * turn.y + head[second] * turn.x, head[first] * turn.x - head[second] * turn.y, i == first);
}

@compute @workgroup_size(threads)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let token = group.y;
  if (token >= step_rows()) {
    return;
  }
  let is_q = group.x < q_heads;
  let is_k = !is_q && group.x < q_heads + kv_heads;
  let size = select(value_size, head_size, is_q || is_k);
  var squares = 0.0;
  for (var i = local; i < size; i += threads) {
    var x = 0.0;
    if (is_q) {
      x = q_value(q_at + token * q_stride + group.x * head_size + i);
    } else if (is_k) {
      x = k_value(k_at + token * k_stride + (group.x - q_heads) * head_size + i);
    } else {
      x = v_value(v_at + token * v_stride + (group.x - q_heads - kv_heads) * value_size + i);
    }
    head[i] = x;
    squares += x * x;
  }
#if NORM
  let factor = 1.0 / sqrt(workgroup_sum(squares, local) / f32(size) + eps);
  for (var i = local; i < size; i += threads) {
#if Q_NORM
    if (is_q) {
      head[i] *= factor * q_source[i];
    }
#endif
#if K_NORM
    if (is_k) {
      head[i] *= factor * k_source[i];
    }
#endif
  }
#endif
  workgroupBarrier();
  // Two numbers at a time: a word of a half-precision cache.
  for (var i = 2u * local; i < size; i += 2u * threads) {
    let two = i + 1u < size;
    let next = select(i, i + 1u, two);
    var x = vec2(head[i], head[next]);
    if (is_q || is_k) {
      x = vec2(turned(token, i), turned(token, next));
    }
#if Q_OUT
    if (is_q) {
      let to = q_out_at + token * q_out_stride + group.x * head_size + i;
      work[to] = x.x;
      if (two) {
        work[to + 1u] = x.y;
      }
    }
#endif
#if K_OUT
    if (is_k) {
      let to = k_out_at + token * k_out_stride + (group.x - q_heads) * head_size + i;
      work[to] = x.x;
      if (two) {
        work[to + 1u] = x.y;
      }
    }
#endif
#if CACHE
    let position = step_position() + token;
    if (is_k) {
      let to = position * kv_heads * head_size + (group.x - q_heads) * head_size + i;
#if KV_F16
      keys[to / 2u] = pack2x16float(x);
#else
      keys[to] = x.x;
      if (two) {
        keys[to + 1u] = x.y;
      }
#endif
    } else if (!is_q) {
      let to = position * kv_heads * value_size + (group.x - q_heads - kv_heads) * value_size + i;
#if KV_F16
      values[to / 2u] = pack2x16float(x);
#else
      values[to] = x.x;
      if (two) {
        values[to + 1u] = x.y;
      }
#endif
    }
#endif
  }
}
