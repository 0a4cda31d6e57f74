#import "lib/bytes.wgsl"

// Q4_0: w = d (q - 8). Four words, byte j: q[j] and q[j + 16]. Small: d.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let d = small_half$(at);
  let w = at * 4u;
  let a = weights$[w];
  let b = weights$[w + 1u];
  let c = weights$[w + 2u];
  let e = weights$[w + 3u];
  return array<vec4<f32>, 8>(
    d * low_nibbles_less(a, 8.0),
    d * low_nibbles_less(b, 8.0),
    d * low_nibbles_less(c, 8.0),
    d * low_nibbles_less(e, 8.0),
    d * high_nibbles_less(a, 8.0),
    d * high_nibbles_less(b, 8.0),
    d * high_nibbles_less(c, 8.0),
    d * high_nibbles_less(e, 8.0)
  );
}

fn ints_32$(at: u32) -> Ints$ {
  let w = at * 4u;
  let a = weights$[w];
  let b = weights$[w + 1u];
  let c = weights$[w + 2u];
  let e = weights$[w + 3u];
  return Ints$(
    array<u32, 8>(
      recentred(a & 0x0f0f0f0fu, 0x08080808u),
      recentred(b & 0x0f0f0f0fu, 0x08080808u),
      recentred(c & 0x0f0f0f0fu, 0x08080808u),
      recentred(e & 0x0f0f0f0fu, 0x08080808u),
      recentred((a >> 4u) & 0x0f0f0f0fu, 0x08080808u),
      recentred((b >> 4u) & 0x0f0f0f0fu, 0x08080808u),
      recentred((c >> 4u) & 0x0f0f0f0fu, 0x08080808u),
      recentred((e >> 4u) & 0x0f0f0f0fu, 0x08080808u)
    ),
    vec2<f32>(small_half$(at)),
    0.0
  );
}
