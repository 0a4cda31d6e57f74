const BINDINGS = /* wgsl */ `
@group(0) @binding(0) var<storage, read> input: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4<u32>>;
`;

/** Workgroup-wide addresses: neighbours read neighbouring vectors, whatever the number that each thread takes. */
const PLACE = (each: number, threads: number) => /* wgsl */ `
  let group = workgroup.x + workgroup.y * groups.x;
  let at = group * ${threads * each}u + thread;
  if (at >= arrayLength(&input)) { return; }
`;

const MAIN = (threads: number) => /* wgsl */ `
@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
)`;

/** Each thread copies `each` vectors of 16 bytes. */
export function copyShader(each: number, threads: number): string {
  const moves = Array.from({ length: each }, (_, i) => `  output[at + ${i * threads}u] = input[at + ${i * threads}u];`);
  return `${BINDINGS}${MAIN(threads)} {${PLACE(each, threads)}${moves.join("\n")}\n}`;
}

/** Each thread reads `each` vectors of 16 bytes; that it writes nothing depends on what it read. */
export function readShader(each: number, threads: number): string {
  const reads = Array.from({ length: each }, (_, i) => `input[at + ${i * threads}u]`);
  return `${BINDINGS}${MAIN(threads)} {${PLACE(each, threads)}
  let sum = ${reads.join(" ^ ")};
  if (all(sum == vec4<u32>(0x12345678u))) { output[at] = sum; }
}`;
}

export interface Arithmetic {
  readonly code: string;
  /** Multiplications and additions of one thread. */
  readonly operations: number;
}

/** Chains of fused multiply-adds on vectors of four, or of 8-bit dot products; nothing is read on the way. */
export function arithmeticShader(
  kind: "f32" | "f16" | "int8",
  { chains, rounds, threads }: { chains: number; rounds: number; threads: number },
): Arithmetic {
  const names = Array.from({ length: chains }, (_, i) => `c${i}`);
  const unroll = 4;
  const isFloat = kind !== "int8";
  const start = isFloat
    ? names.map((name, i) => `  var ${name} = vec4<${kind}>(seed + ${kind}(${i}));`)
    : names.map((name, i) => `  var ${name} = i32(bits) + ${i};`);
  const one = isFloat
    ? names.map((name) => `    ${name} = fma(${name}, scale, shift);`)
    : names.map((name) => `    ${name} += dot4I8Packed(bitcast<u32>(${name}), bits);`);
  const sum = names.join(" + ");
  const constants = isFloat
    ? `  let seed = ${kind}(bits & 255u) * 0.001;\n  let scale = vec4<${kind}>(0.5 + seed * 0.001);\n  let shift = vec4<${kind}>(seed);`
    : "";
  const result = isFloat
    ? `  let sum = ${sum};\n  if (sum.x + sum.y + sum.z + sum.w == 123.0) { output[at] = vec4<u32>(1u); }`
    : `  if ((${sum}) == 0x12345678) { output[at] = vec4<u32>(1u); }`;
  const code = `${kind === "f16" ? "enable f16;\n" : ""}${BINDINGS}${MAIN(threads)} {
  let at = (workgroup.x * ${threads}u + thread) % arrayLength(&input);
  let bits = input[at].x;
${constants}
${start.join("\n")}
  for (var i = 0; i < ${rounds}; i++) {
${Array.from({ length: unroll }, () => one.join("\n")).join("\n")}
  }
${result}
}`;
  return { code, operations: 8 * chains * unroll * rounds };
}
