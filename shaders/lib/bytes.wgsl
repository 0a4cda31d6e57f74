// Small whole numbers in words, four bytes at a time.

// As floats. A number n in the mantissa of 2^k, at the bits of weight 1, 2, 4 …, makes the float 2^k + n; 2^k taken away
// leaves n, exactly. That is two plain operations, where conversions run at a fraction of their rate on many GPUs. Bits 0
// and up of a word have weight 1 in 2^23, bits 4 and up in 2^19, bits 8 and up in 2^15, bits 12 and up in 2^11.

// Bytes 0…3, unsigned, less `offset`.
fn bytes_less(w: u32, offset: f32) -> vec4<f32> {
  let h = w >> 16u;
  let bits = (vec4<u32>(w, w, h, h) & vec4<u32>(0xffu, 0xff00u, 0xffu, 0xff00u)) |
    vec4<u32>(0x4b000000u, 0x47000000u, 0x4b000000u, 0x47000000u);
  return bitcast<vec4<f32>>(bits) - (vec4<f32>(8388608.0, 32768.0, 8388608.0, 32768.0) + offset);
}

// Bytes 0…3, signed.
fn signed_bytes(w: u32) -> vec4<f32> {
  return bytes_less(w ^ 0x80808080u, 128.0);
}

// Low nibbles of bytes 0…3, less `offset`.
fn low_nibbles_less(w: u32, offset: f32) -> vec4<f32> {
  return bytes_less(w & 0x0f0f0f0fu, offset);
}

// High nibbles of bytes 0…3, less `offset`.
fn high_nibbles_less(w: u32, offset: f32) -> vec4<f32> {
  let h = w >> 16u;
  let bits = (vec4<u32>(w, w, h, h) & vec4<u32>(0xf0u, 0xf000u, 0xf0u, 0xf000u)) |
    vec4<u32>(0x49000000u, 0x45000000u, 0x49000000u, 0x45000000u);
  return bitcast<vec4<f32>>(bits) - (vec4<f32>(524288.0, 2048.0, 524288.0, 2048.0) + offset);
}

// As signed bytes again: each byte, below 128 + offset, less `offset`, of which `offsets` has four.
fn recentred(w: u32, offsets: u32) -> u32 {
  return (w + (0x80808080u - offsets)) ^ 0x80808080u;
}

// Bits 0…3 as bytes, 0 or 1.
fn bits_as_bytes(bits: u32) -> u32 {
  return ((bits & 15u) * 0x00204081u) & 0x01010101u;
}

// Bytes 0…127 with those negative whose bit of the low four in `signs` is set.
fn with_signs(w: u32, signs: u32) -> u32 {
  let negative = bits_as_bytes(signs) * 255u;
  return (w & ~negative) | (((0x80808080u - w) ^ 0x80808080u) & negative);
}

// Whole numbers times the scale of their 16.
fn scaled_bytes(q: array<u32, 8>, scale: vec2<f32>) -> array<vec4<f32>, 8> {
  return array<vec4<f32>, 8>(
    scale.x * signed_bytes(q[0]),
    scale.x * signed_bytes(q[1]),
    scale.x * signed_bytes(q[2]),
    scale.x * signed_bytes(q[3]),
    scale.y * signed_bytes(q[4]),
    scale.y * signed_bytes(q[5]),
    scale.y * signed_bytes(q[6]),
    scale.y * signed_bytes(q[7])
  );
}
