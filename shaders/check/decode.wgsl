// Every weight of a matrix as a number, 32 to an invocation; with INTS by way of the whole numbers.
#weights 0 @binding(0)
@group(0) @binding(1) var<storage, read_write> result: array<vec4<f32>>;

override chunks: u32;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let at = id.x;
  if (at >= chunks) {
    return;
  }
#if INTS
  let ints = ints_32_0(at);
  for (var i = 0u; i < 8u; i++) {
    let q = vec4<i32>(vec4<u32>(ints.q[i]) << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u);
    result[at * 8u + i] = ints.scale[i / 4u] * vec4<f32>(q) - ints.minimum;
  }
#else
  let numbers = decode_32_0(at);
  for (var i = 0u; i < 8u; i++) {
    result[at * 8u + i] = numbers[i];
  }
#endif
}
