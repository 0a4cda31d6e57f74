// Rows of activations rounded to 8 bits, 32 numbers with a scale: first the numbers, four to a word, then for each 32
// the scale and the sum of what they were rounded to.
#import "lib/input.wgsl"
@group(0) @binding(1) var<storage, read_write> out: array<u32>;
override scales_at: u32;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let chunk = id.x;
  if (chunk >= chunks) {
    return;
  }
  let v = x_32(x_at + id.y * x_stride, chunk);
  var most = abs(v[0]);
  for (var j = 1u; j < 8u; j++) {
    most = max(most, abs(v[j]));
  }
  let scale = max(max(most.x, most.y), max(most.z, most.w)) / 127.0;
  let factor = select(0.0, 1.0 / scale, scale > 0.0);
  let block = id.y * chunks + chunk;
  var sum = 0;
  for (var j = 0u; j < 8u; j++) {
    let word = pack4xI8(vec4<i32>(round(v[j] * factor)));
    sum += dot4I8Packed(word, 0x01010101u);
    out[block * 8u + j] = word;
  }
  out[scales_at + block * 2u] = bitcast<u32>(scale);
  out[scales_at + block * 2u + 1u] = bitcast<u32>(scale * f32(sum));
}
