// The K/V cache of one layer, [position][K/V head][number], read four numbers at a time; and how a query scores a key.
override kv_heads: u32 = 1u;
override head_size: u32 = 4u;
override value_size: u32 = 4u;
override scale: f32 = 1.0;
override softcap: f32 = 1.0;
// How many positions a query sees, its own included; 0: all before it.
override window: u32 = 0u;

#if KV_F16
@group(0) @binding(2) var<storage, read> keys: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read> values: array<vec2<u32>>;

fn widened(halves: vec2<u32>) -> vec4<f32> {
  return vec4(unpack2x16float(halves.x), unpack2x16float(halves.y));
}
#else
@group(0) @binding(2) var<storage, read> keys: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> values: array<vec4<f32>>;

fn widened(numbers: vec4<f32>) -> vec4<f32> {
  return numbers;
}
#endif

// Numbers 4·quad … 4·quad + 3 of a head.
fn key_quad(position: u32, kv_head: u32, quad: u32) -> vec4<f32> {
  return widened(keys[(position * kv_heads + kv_head) * (head_size / 4u) + quad]);
}
fn value_quad(position: u32, kv_head: u32, quad: u32) -> vec4<f32> {
  return widened(values[(position * kv_heads + kv_head) * (value_size / 4u) + quad]);
}

fn first_visible(position: u32) -> u32 {
  return select(0u, position + 1u - window, window > 0u && position >= window);
}

// Below every score; nothing that is left of it after a softmax counts.
const NOTHING = -1e30;

// Beyond ±15 tanh is ±1 in f32, and some drivers' tanh overflows far out.
fn score(product: f32) -> f32 {
#if SOFTCAP
  return softcap * tanh(clamp(scale * product / softcap, -15.0, 15.0));
#else
  return scale * product;
#endif
}
