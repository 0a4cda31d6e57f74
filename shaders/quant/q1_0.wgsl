#import "lib/bytes.wgsl"

// Q1_0: w = d or, where the bit is clear, -d. Four words for 128 weights: bits from the lowest up. Small: d.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let d = bitcast<u32>(small_half$(at >> 2u));
  let clear = ~weights$[at];
  return array<vec4<f32>, 8>(
    flipped$(d, clear),
    flipped$(d, clear >> 4u),
    flipped$(d, clear >> 8u),
    flipped$(d, clear >> 12u),
    flipped$(d, clear >> 16u),
    flipped$(d, clear >> 20u),
    flipped$(d, clear >> 24u),
    flipped$(d, clear >> 28u)
  );
}

fn ints_32$(at: u32) -> Ints$ {
  let w = weights$[at];
  return Ints$(
    array<u32, 8>(
      recentred(bits_as_bytes(w) << 1u, 0x01010101u),
      recentred(bits_as_bytes(w >> 4u) << 1u, 0x01010101u),
      recentred(bits_as_bytes(w >> 8u) << 1u, 0x01010101u),
      recentred(bits_as_bytes(w >> 12u) << 1u, 0x01010101u),
      recentred(bits_as_bytes(w >> 16u) << 1u, 0x01010101u),
      recentred(bits_as_bytes(w >> 20u) << 1u, 0x01010101u),
      recentred(bits_as_bytes(w >> 24u) << 1u, 0x01010101u),
      recentred(bits_as_bytes(w >> 28u) << 1u, 0x01010101u)
    ),
    vec2<f32>(small_half$(at >> 2u)),
    0.0
  );
}

// d, negative where one of the low four bits is set.
fn flipped$(d: u32, bits: u32) -> vec4<f32> {
  return bitcast<vec4<f32>>(vec4<u32>(d) ^ ((vec4<u32>(bits) << vec4<u32>(31u, 30u, 29u, 28u)) & vec4<u32>(0x80000000u)));
}
