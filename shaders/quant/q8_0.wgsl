#import "lib/bytes.wgsl"

// Q8_0: w = d q. Eight words: q as signed bytes. Small: d.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let d = small_half$(at);
  let w = at * 8u;
  return array<vec4<f32>, 8>(
    d * signed_bytes(weights$[w]),
    d * signed_bytes(weights$[w + 1u]),
    d * signed_bytes(weights$[w + 2u]),
    d * signed_bytes(weights$[w + 3u]),
    d * signed_bytes(weights$[w + 4u]),
    d * signed_bytes(weights$[w + 5u]),
    d * signed_bytes(weights$[w + 6u]),
    d * signed_bytes(weights$[w + 7u])
  );
}

fn ints_32$(at: u32) -> Ints$ {
  let w = at * 8u;
  return Ints$(
    array<u32, 8>(
      weights$[w],
      weights$[w + 1u],
      weights$[w + 2u],
      weights$[w + 3u],
      weights$[w + 4u],
      weights$[w + 5u],
      weights$[w + 6u],
      weights$[w + 7u]
    ),
    vec2<f32>(small_half$(at)),
    0.0
  );
}
