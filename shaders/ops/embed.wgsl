// Row `tokens[t]` of a matrix of any type. A part of a matrix writes the rows of its own tokens only.
#import "lib/step.wgsl"
override width: u32 = 32u;
override first_row: u32 = 0u;
override part_rows: u32 = 1u;
override out_at: u32 = 0u;
override out_stride: u32 = 0u;

@group(0) @binding(0) var<storage, read> step: array<u32>;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
#weights 0 @binding(2)
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) local: u32) {
  let row = group.y;
  let chunk = group.x * 64u + local;
  let chunks = (width + 31u) / 32u;
  if (row >= step_rows() || chunk >= chunks) {
    return;
  }
  let token = tokens[row] - first_row;
  if (token >= part_rows) {
    return;
  }
  let values = decode_32_0(token * chunks + chunk);
  let to = out_at + row * out_stride;
  for (var i = 0u; i < 32u; i++) {
    let column = chunk * 32u + i;
    if (column < width) {
      out[to + column] = values[i / 4u][i % 4u];
    }
  }
}
