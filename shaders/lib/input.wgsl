// Rows of activations, read 32 numbers at a time; what lies beyond a row's width is zero.
override width: u32;
override x_at: u32;
override x_stride: u32;

const CHUNK = 32u;
override chunks: u32 = (width + CHUNK - 1u) / CHUNK;

#if ALIGNED
@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
fn x_4(at: u32) -> vec4<f32> {
  return x[at >> 2u];
}
fn inside(i: u32) -> vec4<bool> {
  return vec4<bool>(i < width);
}
#else
@group(0) @binding(0) var<storage, read> x: array<f32>;
fn x_4(at: u32) -> vec4<f32> {
  return vec4<f32>(x[at], x[at + 1u], x[at + 2u], x[at + 3u]);
}
fn inside(i: u32) -> vec4<bool> {
  return vec4<u32>(i, i + 1u, i + 2u, i + 3u) < vec4<u32>(width);
}
#endif

/// Numbers 32·chunk … of the row that begins at `start`.
fn x_32(start: u32, chunk: u32) -> array<vec4<f32>, 8> {
  var v: array<vec4<f32>, 8>;
  for (var j = 0u; j < 8u; j++) {
    v[j] = x_4(start + chunk * CHUNK + 4u * j);
  }
  if (width % CHUNK != 0u && chunk == chunks - 1u) {
    for (var j = 0u; j < 8u; j++) {
      v[j] = select(vec4<f32>(), v[j], inside(chunk * CHUNK + 4u * j));
    }
  }
  return v;
}

fn dot_32(a: array<vec4<f32>, 8>, b: array<vec4<f32>, 8>) -> f32 {
  return ((dot(a[0], b[0]) + dot(a[1], b[1])) + (dot(a[2], b[2]) + dot(a[3], b[3])))
       + ((dot(a[4], b[4]) + dot(a[5], b[5])) + (dot(a[6], b[6]) + dot(a[7], b[7])));
}
