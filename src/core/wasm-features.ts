/** What this machine's WebAssembly can do, found by validating two tiny modules and asking for two small memories. */
export interface WasmFeatures {
  readonly simd: boolean;
  readonly relaxedSimd: boolean;
  /** Memory shared between threads: needs cross-origin isolation in a browser. */
  readonly threads: boolean;
  /** Memories of more than 4 GiB. */
  readonly memory64: boolean;
}

// One function each: i8x16.popcnt(i8x16.splat(0)) and i8x16.relaxed_swizzle(i8x16.splat(1), i8x16.splat(2)).
const HEADER = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10];
const SIMD = [...HEADER, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
const RELAXED = [...HEADER, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11];

export function detectFeatures(): WasmFeatures {
  return {
    simd: WebAssembly.validate(new Uint8Array(SIMD)),
    relaxedSimd: WebAssembly.validate(new Uint8Array(RELAXED)),
    threads: sharedMemoryWorks(),
    memory64: wideMemoryWorks(),
  };
}

function wideMemoryWorks(): boolean {
  try {
    const descriptor = { initial: 1n, maximum: 1n, address: "i64" } as unknown as WebAssembly.MemoryDescriptor;
    return new WebAssembly.Memory(descriptor).buffer.byteLength > 0;
  } catch {
    return false;
  }
}

function sharedMemoryWorks(): boolean {
  if (typeof SharedArrayBuffer === "undefined") return false;
  if ("crossOriginIsolated" in globalThis && !globalThis.crossOriginIsolated) return false;
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer instanceof SharedArrayBuffer;
  } catch {
    return false;
  }
}

/** Whether the CPU path can address more than 4 GiB: it has no build for that without relaxed SIMD. */
export const reachesBeyond4GiB = ({ relaxedSimd, memory64 }: WasmFeatures): boolean => relaxedSimd && memory64;
