// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): random words by their number.

/** Low and high word of the product. */
fn wide_product(a: u32, b: u32) -> vec2<u32> {
  let al = a & 0xffffu;
  let ah = a >> 16u;
  let bl = b & 0xffffu;
  let bh = b >> 16u;
  let middle = ah * bl + ((al * bl) >> 16u);
  let other = al * bh + (middle & 0xffffu);
  return vec2(a * b, ah * bh + (middle >> 16u) + (other >> 16u));
}

fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    let x = wide_product(0xd2511f53u, c.x);
    let z = wide_product(0xcd9e8d57u, c.z);
    c = vec4(z.y ^ c.y ^ k.x, z.x, x.y ^ c.w ^ k.y, x.x);
    k += vec2(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}
