import type { GpuCeilings } from "../../src/backends/webgpu/ceilings.ts";
import type { ProfileRow } from "../../src/core/profile.ts";
import type { Mix } from "../../src/synthetic/mixes.ts";
import type { ShapeName } from "../../src/synthetic/shapes.ts";

export interface GpuReport {
  readonly date: string;
  readonly device: DeviceFacts;
  ceilings?: GpuCeilings;
  ops?: OpResult[];
  golden?: GoldenRow[];
  models: ModelResult[];
}

export interface DeviceFacts {
  readonly adapter: Readonly<Record<string, string | number | boolean>>;
  readonly features: readonly string[];
  readonly languageFeatures: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  /** What the kernels use of it. */
  readonly variants: readonly string[];
  readonly system: string;
}

export interface OpResult {
  readonly name: string;
  readonly deviation: number;
  readonly tolerance: number;
  readonly error?: string;
}

export interface GoldenRow {
  readonly name: string;
  readonly run: string;
  readonly prompt: number;
  readonly long: number;
  readonly limit: number;
  readonly greedyErrors: number;
  readonly error?: string;
}

export interface ModelResult {
  readonly model: ShapeName;
  readonly mix: Mix;
  readonly error?: string;
  readonly figures?: ModelFigures;
}

export interface ModelFigures {
  /** Kernels that were replaced and tile sizes that were tuned, in the backend's words. */
  readonly notes: readonly string[];
  readonly contextLength: number;
  readonly weightBytes: number;
  readonly memoryBytes: { readonly weights: number; readonly kv: number; readonly scratch: number };
  /** Of all buffers on the device at a time, loading and measuring included. */
  readonly peakBytes: number;
  readonly compileMilliseconds: number;
  readonly loadMilliseconds: number;
  readonly decode: readonly DecodeFigures[];
  readonly prefill: PrefillFigures;
  readonly dispatchesPerToken: number;
  readonly bytesReadPerToken: number;
  readonly buffersCreated: number;
  readonly bindGroupsCreated: number;
}

export interface DecodeFigures {
  readonly depth: number;
  readonly tokens: number;
  /** Tokens per second. */
  readonly rates: readonly number[];
  /** Weights and cached keys and values that one token has to read. */
  readonly bytesPerToken: number;
  readonly profile?: ProfileFigures;
}

export interface PrefillFigures {
  readonly tokens: number;
  /** Tokens per second, until the logits of the last one are there. */
  readonly rates: readonly number[];
  /** Milliseconds from an empty context to the first token chosen on the device. */
  readonly firstToken: readonly number[];
  /** Multiplications and additions of the matrix products and of attention. */
  readonly operations: number;
  readonly profile?: ProfileFigures;
}

export interface ProfileFigures {
  readonly wallMicroseconds: number;
  readonly plainMicroseconds: number;
  readonly resolutionMicroseconds: number;
  readonly rows: readonly ProfileRow[];
}
