import { DTYPES, type DType } from "../core/dtype.ts";

/**
 * The mixtures of storage types that llama-quantize makes: the type most matrices get, and the number that
 * `general.file_type` holds. Source of all rules here: llama_tensor_get_type in llama.cpp's src/llama-quant.cpp.
 */
const MIXES = {
  F32: { base: "F32", fileType: 0 },
  F16: { base: "F16", fileType: 1 },
  Q4_0: { base: "Q4_0", fileType: 2 },
  Q8_0: { base: "Q8_0", fileType: 7 },
  Q4_K_M: { base: "Q4_K", fileType: 15 },
  Q5_K_M: { base: "Q5_K", fileType: 17 },
} as const satisfies Record<string, { base: DType; fileType: number }>;

export type Mix = keyof typeof MIXES;

export const MIX_NAMES = Object.keys(MIXES) as Mix[];

/** Decides the storage type of each matrix. */
export interface TypeChoice {
  /** `general.file_type`; left out where no mixture of llama-quantize is meant. */
  readonly fileType?: number;
  /** `name` is the tensor's name in GGUF, `rowLength` its `shape[0]`. */
  typeOf(name: string, rowLength: number): DType;
}

/** What llama-quantize chooses for a dense model of `layers` layers, whose output matrix may be the embedding. */
export function mixChoice(
  mix: Mix,
  { layers, tiedEmbeddings }: { layers: number; tiedEmbeddings: boolean },
): TypeChoice {
  const { base, fileType } = MIXES[mix];
  const isOutput = (name: string) => name === (tiedEmbeddings ? "token_embd.weight" : "output.weight");
  return {
    fileType,
    typeOf(name, rowLength) {
      if (base === "F32" || base === "F16") return base;
      if (isOutput(name))
        return fitting(rowLength % DTYPES[base].blockElements !== 0 ? "Q8_0" : outputType(base), rowLength);
      const layer = Number(/^blk\.(\d+)\.(attn_v|ffn_down)\.weight$/.exec(name)?.[1] ?? -1);
      const isMixed = mix === "Q4_K_M" || mix === "Q5_K_M";
      return fitting(isMixed && layer >= 0 && getsMoreBits(layer, layers) ? "Q6_K" : base, rowLength);
    },
  };
}

/** One type for every matrix, the embedding and the output included. */
export function pureChoice(dtype: DType): TypeChoice {
  const mix = MIX_NAMES.find((name) => name === dtype);
  return { fileType: mix && MIXES[mix].fileType, typeOf: () => dtype };
}

function outputType(base: DType): DType {
  return base === "Q8_0" ? "Q8_0" : "Q6_K";
}

/** The first and last eighth of the layers, and every third of those between. */
function getsMoreBits(layer: number, layers: number): boolean {
  const eighth = Math.floor(layers / 8);
  return layer < eighth || layer >= Math.floor((7 * layers) / 8) || (layer - eighth) % 3 === 2;
}

/** Types for rows that are no multiple of 256. */
const FALLBACKS: Partial<Record<DType, DType>> = { Q4_K: "Q5_0", Q5_K: "Q5_1", Q6_K: "Q8_0" };

function fitting(dtype: DType, rowLength: number): DType {
  const fits = (type: DType) => rowLength % DTYPES[type].blockElements === 0;
  if (fits(dtype)) return dtype;
  const fallback = FALLBACKS[dtype];
  return fallback && fits(fallback) ? fallback : "F16";
}
