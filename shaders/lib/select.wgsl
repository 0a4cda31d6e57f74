// The k entries that come first, exactly, by one workgroup: a radix search for the key at which to cut, eight bits a round,
// and among entries of that key for the token. The importing file says what the entries are, none twice:
//     fn entry(i: u32) -> vec2<u32>   // key, token

var<workgroup> bins: array<atomic<u32>, 256>;
var<workgroup> sums: array<u32, 512>;
var<workgroup> least: atomic<u32>;
var<workgroup> most: atomic<u32>;
var<workgroup> found: vec3<u32>;

struct Cut {
  key: u32,
  token: u32,
}

/** Whether an entry is on the better side. */
fn taken(entry: vec2<u32>, cut: Cut) -> bool {
  return entry.x > cut.key || (entry.x == cut.key && entry.y <= cut.token);
}

fn low_bits(count: u32) -> u32 {
  return select((1u << (count & 31u)) - 1u, 0xffffffffu, count >= 32u);
}

/** The cut with exactly `k` of the `count` entries on its better side; all of them if there are no more. */
fn cut_after(lane: u32, count: u32, k: u32) -> Cut {
  if (k >= count) {
    return Cut(0u, 0xffffffffu);
  }
  // Bits that all keys share need no round.
  if (lane == 0u) {
    atomicStore(&least, 0xffffffffu);
  }
  workgroupBarrier();
  var low = 0xffffffffu;
  var high = 0u;
  for (var i = lane; i < count; i += 256u) {
    let key = entry(i).x;
    low = min(low, key);
    high = max(high, key);
  }
  atomicMin(&least, low);
  atomicMax(&most, high);
  workgroupBarrier();
  if (lane == 0u) {
    found = vec3(atomicLoad(&least), atomicLoad(&most), 0u);
  }
  let range = workgroupUniformLoad(&found);

  var tied = false;
  var key = 0u;
  // The entries looked at are those whose word (key, or inverted token) is `prefix` above the lowest `bits`.
  var bits = 32u - countLeadingZeros(range.x ^ range.y);
  var prefix = range.y & ~low_bits(bits);
  var need = k;
  loop {
    if (bits == 0u) {
      tied = true;
      key = prefix;
      bits = 32u;
      prefix = 0u;
    }
    let width = min(bits, 8u);
    let shift = bits - width;
    let decided = ~low_bits(bits);
    atomicStore(&bins[lane], 0u);
    workgroupBarrier();
    for (var i = lane; i < count; i += 256u) {
      let e = entry(i);
      let word = select(e.x, ~e.y, tied);
      if ((word & decided) == prefix && (!tied || e.x == key)) {
        atomicAdd(&bins[(word >> shift) & low_bits(width)], 1u);
      }
    }
    workgroupBarrier();

    // The sum of this bin and those above it, by doubling.
    let own = atomicLoad(&bins[lane]);
    var sum = own;
    var half = 0u;
    sums[lane] = sum;
    for (var distance = 1u; distance < 256u; distance <<= 1u) {
      workgroupBarrier();
      if (lane + distance < 256u) {
        sum += sums[half + lane + distance];
      }
      half = 256u - half;
      sums[half + lane] = sum;
    }
    if (sum >= need && sum - own < need) {
      found = vec3(lane, sum - own, own);
    }
    let bin = workgroupUniformLoad(&found);
    prefix |= bin.x << shift;
    need -= bin.y;
    bits = shift;
    if (bin.z == need) {
      break;
    }
  }
  if (tied) {
    return Cut(key, ~prefix);
  }
  return Cut(prefix, 0xffffffffu);
}
