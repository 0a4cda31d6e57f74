import type { GenerateOptions, OpenOptions, SamplingOptions } from "../../core/api.ts";

/** What the person has set. Numbers that are undefined are left to the engine. */
export interface Settings {
  sampling: Required<Omit<SamplingOptions, "seed" | "logitBias">>;
  /** undefined: another one each time. */
  seed?: number;
  /** One `token = bias` a line. */
  logitBias: string;
  maxTokens?: number;
  /** One a line; `\n` stands for a line break. */
  stop: string;
  ignoreEos: boolean;
  onContextFull: "stop" | "shift";
  systemPrompt: string;
  /** Whether the counters move while an answer is being written. */
  liveCounters: boolean;
  load: LoadSettings;
}

export interface LoadSettings {
  backend: NonNullable<OpenOptions["backend"]>;
  contextLength?: number;
  threads?: number;
  kvCache?: OpenOptions["kvCache"];
}

export const DEFAULT_SAMPLING: Settings["sampling"] = {
  temperature: 0.8,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  typicalP: 1,
  repeatPenalty: 1,
  repeatLastN: 64,
  presencePenalty: 0,
  frequencyPenalty: 0,
};

export const DEFAULT_SETTINGS: Settings = {
  sampling: DEFAULT_SAMPLING,
  seed: undefined,
  logitBias: "",
  maxTokens: undefined,
  stop: "",
  ignoreEos: false,
  onContextFull: "stop",
  systemPrompt: "",
  liveCounters: true,
  load: { backend: "auto" },
};

export const PRESETS: readonly { name: string; about: string; sampling: Settings["sampling"] }[] = [
  { name: "Exact", about: "Always the likeliest token", sampling: { ...DEFAULT_SAMPLING, temperature: 0 } },
  { name: "Focused", about: "Few surprises", sampling: { ...DEFAULT_SAMPLING, temperature: 0.4, topP: 0.9 } },
  { name: "Balanced", about: "The defaults", sampling: DEFAULT_SAMPLING },
  {
    name: "Creative",
    about: "More variety",
    sampling: { ...DEFAULT_SAMPLING, temperature: 1.1, topK: 100, topP: 0.98, minP: 0.03 },
  },
];

/** The preset that the settings equal, if any. */
export function presetOf(sampling: Settings["sampling"]): string | undefined {
  const keys = Object.keys(DEFAULT_SAMPLING) as (keyof Settings["sampling"])[];
  return PRESETS.find((preset) => keys.every((key) => preset.sampling[key] === sampling[key]))?.name;
}

/** The engine's options of one answer. */
export function generateOptions(settings: Settings): GenerateOptions {
  const stop = stopTexts(settings.stop);
  const { bias } = parseLogitBias(settings.logitBias);
  return {
    ...settings.sampling,
    ...(settings.seed !== undefined && { seed: settings.seed }),
    ...(settings.maxTokens !== undefined && { maxTokens: settings.maxTokens }),
    ...(stop.length > 0 && { stop }),
    ...(Object.keys(bias).length > 0 && { logitBias: bias }),
    ...(settings.ignoreEos && { ignoreEos: true }),
    onContextFull: settings.onContextFull,
  };
}

export const stopTexts = (lines: string): string[] =>
  lines
    .split("\n")
    .map((line) => line.replaceAll("\\n", "\n"))
    .filter((line) => line !== "");

/** Reads `token = bias` lines; a bias of `-inf` forbids the token. Lines that say nothing else are named. */
export function parseLogitBias(lines: string): { bias: Record<number, number>; wrong: string[] } {
  const bias: Record<number, number> = {};
  const wrong: string[] = [];
  for (const line of lines.split("\n").map((line) => line.trim())) {
    if (!line) continue;
    const match = /^(\d+)\s*[=:]\s*(-inf(?:inity)?|[+-]?(?:\d+\.?\d*|\.\d+))$/i.exec(line);
    if (!match) wrong.push(line);
    else bias[Number(match[1])] = /inf/i.test(match[2]) ? Number.NEGATIVE_INFINITY : Number(match[2]);
  }
  return { bias, wrong };
}

/** Settings from storage: known fields of the right kind are taken, the rest are the defaults. */
export function readSettings(stored: unknown): Settings {
  const saved = record(stored);
  const sampling = record(saved.sampling);
  const load = record(saved.load);
  const number = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : undefined);
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const oneOf = <T extends string>(value: unknown, options: readonly T[]) => options.find((option) => option === value);
  return {
    sampling: Object.fromEntries(
      Object.entries(DEFAULT_SAMPLING).map(([key, fallback]) => [key, number(sampling[key]) ?? fallback]),
    ) as Settings["sampling"],
    seed: number(saved.seed),
    logitBias: text(saved.logitBias),
    maxTokens: number(saved.maxTokens),
    stop: text(saved.stop),
    ignoreEos: saved.ignoreEos === true,
    onContextFull: saved.onContextFull === "shift" ? "shift" : "stop",
    systemPrompt: text(saved.systemPrompt),
    liveCounters: saved.liveCounters !== false,
    load: {
      backend: oneOf(load.backend, ["auto", "webgpu", "wasm", "reference"]) ?? "auto",
      contextLength: number(load.contextLength),
      threads: number(load.threads),
      kvCache: oneOf(load.kvCache, ["f32", "f16"]),
    },
  };
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
