#import "lib/bytes.wgsl"

// TQ1_0: w = d (q - 1). A byte is a fraction of 256, the q its digits to the base 3. 13 words: 8 words, byte j: q[j],
// q[j + 32], … q[j + 128]; 4 words, byte j: q[160 + j], q[176 + j], … q[224 + j]; a word, byte j: q[240 + j], q[244 + j],
// q[248 + j], q[252 + j]. Small: d.
fn decode_32$(at: u32) -> array<vec4<f32>, 8> {
  let s = scales$(at);
  let q = codes$(at);
  return array<vec4<f32>, 8>(
    s.x * bytes_less(q[0], 1.0),
    s.x * bytes_less(q[1], 1.0),
    s.x * bytes_less(q[2], 1.0),
    s.x * bytes_less(q[3], 1.0),
    s.y * bytes_less(q[4], 1.0),
    s.y * bytes_less(q[5], 1.0),
    s.y * bytes_less(q[6], 1.0),
    s.y * bytes_less(q[7], 1.0)
  );
}

fn ints_32$(at: u32) -> Ints$ {
  let s = scales$(at);
  let q = codes$(at);
  return Ints$(
    array<u32, 8>(
      recentred(q[0], 0x01010101u),
      recentred(q[1], 0x01010101u),
      recentred(q[2], 0x01010101u),
      recentred(q[3], 0x01010101u),
      recentred(q[4], 0x01010101u),
      recentred(q[5], 0x01010101u),
      recentred(q[6], 0x01010101u),
      recentred(q[7], 0x01010101u)
    ),
    s,
    0.0
  );
}

fn scales$(at: u32) -> vec2<f32> {
  return vec2<f32>(small_half$(at >> 3u));
}

fn codes$(at: u32) -> array<u32, 8> {
  let group = at & 7u;
  let w = (at >> 3u) * 13u;
  if (group < 5u) {
    let power = power_of_3$(group);
    return array<u32, 8>(
      digits$(weights$[w], power),
      digits$(weights$[w + 1u], power),
      digits$(weights$[w + 2u], power),
      digits$(weights$[w + 3u], power),
      digits$(weights$[w + 4u], power),
      digits$(weights$[w + 5u], power),
      digits$(weights$[w + 6u], power),
      digits$(weights$[w + 7u], power)
    );
  }
  let a = weights$[w + 8u];
  let b = weights$[w + 9u];
  let c = weights$[w + 10u];
  let d = weights$[w + 11u];
  let power = power_of_3$(group * 2u - 10u);
  let first = array<u32, 4>(digits$(a, power), digits$(b, power), digits$(c, power), digits$(d, power));
  if (group < 7u) {
    let next = power * 3u;
    return array<u32, 8>(
      first[0], first[1], first[2], first[3],
      digits$(a, next), digits$(b, next), digits$(c, next), digits$(d, next)
    );
  }
  let last = weights$[w + 12u];
  return array<u32, 8>(
    first[0], first[1], first[2], first[3],
    digits$(last, 1u), digits$(last, 3u), digits$(last, 9u), digits$(last, 27u)
  );
}

fn power_of_3$(n: u32) -> u32 {
  return select((0x1b090301u >> (n * 8u)) & 255u, 81u, n == 4u);
}

// The digit after the point of each byte times `power`.
fn digits$(w: u32, power: u32) -> u32 {
  let even = (((((w & 0x00ff00ffu) * power) & 0x00ff00ffu) * 3u) >> 8u) & 0x00ff00ffu;
  let odd = ((((((w >> 8u) & 0x00ff00ffu) * power) & 0x00ff00ffu) * 3u) >> 8u) & 0x00ff00ffu;
  return even | (odd << 8u);
}
