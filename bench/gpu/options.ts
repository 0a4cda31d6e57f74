import { parseArgs } from "node:util";
import { MIX_NAMES, type Mix } from "../../src/synthetic/mixes.ts";
import { SHAPES, type ShapeName } from "../../src/synthetic/shapes.ts";
import type { ModelTask } from "./models.ts";

export const PARTS = ["ceilings", "check", "models"] as const;
export type Part = (typeof PARTS)[number];

export interface Options {
  readonly parts: readonly Part[];
  readonly models: readonly ShapeName[];
  readonly types: readonly Mix[];
  readonly task: ModelTask;
  readonly quick: boolean;
  readonly tune: boolean;
  /** Bytes of the buffer that is copied. */
  readonly copyBytes: number;
  readonly dawn: string[];
  readonly out: string;
}

const ALL_MODELS: readonly ShapeName[] = ["qwen2.5-0.5b", "llama-3.2-1b", "llama-3.1-8b", "qwen2.5-coder-14b"];
const ALL_TYPES: readonly Mix[] = ["Q4_0", "Q4_K_M", "Q5_K_M", "Q8_0"];

export const USAGE = `Checks and times the WebGPU backend in Node, on Dawn.

  WEBGPU_PACKAGE=/somewhere/node_modules/webgpu npm run bench:gpu -- [options]

  WEBGPU_PACKAGE     the folder of the npm package \`webgpu\`, or its dawn.node alone
  WEBGGUF_REFERENCE  the folder of the golden models, where they are to be checked

  --parts LIST         of ${PARTS.join(", ")} (default: all)
  --models LIST        of ${Object.keys(SHAPES).join(", ")} (default: ${ALL_MODELS.join(",")})
  --types LIST         of ${MIX_NAMES.join(", ")} (default: ${ALL_TYPES.join(",")})
  --depths LIST        tokens in the context while decoding (default: 0,2048)
  --prompt N           tokens of the prompt (default: 512)
  --tokens N           tokens to decode (default: 128)
  --repetitions N      samples of each figure (default: 5)
  --quick              fewer of everything: 3 repetitions, 32 tokens, Q4_0 and Q4_K_M, typical op cases
  --no-tune            tile sizes as they are by default, not tuned for the adapter
  --dawn FLAG          given to Dawn as it is, such as backend=vulkan or adapter=NVIDIA; may be repeated
  --out FILE           (default: bench/results/gpu.json)
`;

/** Reads the command line. Throws an Error with what is wrong. */
export function parseOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      parts: { type: "string", default: PARTS.join(",") },
      models: { type: "string", default: ALL_MODELS.join(",") },
      types: { type: "string" },
      depths: { type: "string", default: "0,2048" },
      prompt: { type: "string", default: "512" },
      tokens: { type: "string" },
      repetitions: { type: "string" },
      quick: { type: "boolean", default: false },
      "no-tune": { type: "boolean", default: false },
      dawn: { type: "string", multiple: true, default: ["disable-dawn-features=timestamp_quantization"] },
      out: { type: "string", default: "bench/results/gpu.json" },
    },
  });
  const { quick } = values;
  const types = values.types ?? (quick ? "Q4_0,Q4_K_M" : ALL_TYPES.join(","));
  return {
    parts: listed("parts", values.parts, PARTS),
    models: listed("models", values.models, Object.keys(SHAPES) as ShapeName[]),
    types: listed("types", types, MIX_NAMES),
    task: {
      depths: values.depths.split(",").map((text) => count("depths", text, 0)),
      promptTokens: count("prompt", values.prompt, 2),
      generateTokens: count("tokens", values.tokens ?? (quick ? "32" : "128"), 1),
      repetitions: count("repetitions", values.repetitions ?? (quick ? "3" : "5"), 1),
    },
    quick,
    tune: !values["no-tune"],
    copyBytes: quick ? 128 << 20 : 512 << 20,
    dawn: values.dawn,
    out: values.out,
  };
}

function listed<T extends string>(name: string, text: string, known: readonly T[]): T[] {
  return text.split(",").map((item) => {
    if (known.includes(item as T)) return item as T;
    throw new Error(`--${name}: "${item}" is none of ${known.join(", ")}.`);
  });
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && text.trim() !== "") return value;
  throw new Error(`--${name} takes whole numbers from ${least}, not "${text}".`);
}
