import type { GpuCeilings, Measured } from "../../src/backends/webgpu/ceilings.ts";
import { median, summarize } from "../../src/bench/statistics.ts";
import { goldenFailed, opFailed } from "./check.ts";
import type { DeviceFacts, GpuReport, ModelFigures, ModelResult, ProfileFigures } from "./types.ts";

const number = (value: number): string =>
  Number.isFinite(value) ? value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0) : "–";

const percent = (share: number): string => (Number.isFinite(share) ? `${(100 * share).toFixed(0)} %` : "–");

/** Median, and from the least to the most. */
const spread = (samples: readonly number[]): string => {
  const { median, min, max } = summarize(samples);
  return `${number(median)} (${number(min)}–${number(max)})`;
};

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function table(head: readonly string[], rows: readonly (readonly string[])[], texts = 2): string {
  const line = head.map((_, column) => (column < texts ? "---" : "---:"));
  return [row(head), row(line), ...rows.map(row)].join("\n");
}

export function deviceLines({ adapter, features, limits, variants, system }: DeviceFacts): string {
  const facts = Object.entries(adapter).map(([name, value]) => `${name} ${value === "" ? "–" : value}`);
  const wanted = ["subgroups", "shader-f16", "timestamp-query"];
  const some = [
    "maxBufferSize",
    "maxStorageBufferBindingSize",
    "maxComputeWorkgroupStorageSize",
    "maxComputeInvocationsPerWorkgroup",
  ];
  return [
    `- adapter: ${facts.join(", ")}`,
    `- system: ${system}`,
    `- used: ${variants.join(", ") || "plain WGSL"}; there: ${wanted.filter((name) => features.includes(name)).join(", ") || "none of the optional features"}`,
    `- limits: ${some.map((name) => `${name} ${limits[name]}`).join(", ")}`,
  ].join("\n");
}

export function ceilingsTable(ceilings: GpuCeilings): string {
  const line = (name: string, unit: string, measured: Measured | undefined) =>
    measured ? [[name, measured.form, `${spread(measured.samples)} ${unit}`]] : [];
  return table(
    ["ceiling", "fastest form", "measured"],
    [
      ...line(`copy, read and written (${number(ceilings.bytes / 1e6)} MB)`, "GB/s", ceilings.copy),
      ...line("read", "GB/s", ceilings.read),
      ...line("f32 multiply-add", "GFLOP/s", ceilings.f32),
      ...line("f16 multiply-add", "GFLOP/s", ceilings.f16),
      ...line("8-bit dot product", "GOP/s", ceilings.int8),
    ],
  );
}

const good = (models: readonly ModelResult[]): (ModelResult & { figures: ModelFigures })[] =>
  models.filter((model): model is ModelResult & { figures: ModelFigures } => model.figures !== undefined);

/** Tokens per second of decoding, and what of the copy bandwidth their bytes make. */
export function decodeTable({ models, ceilings }: GpuReport): string {
  const copy = ceilings ? median(ceilings.copy.samples) : Number.NaN;
  const rows = good(models).flatMap(({ model, mix, figures }) =>
    figures.decode.map(({ depth, rates, bytesPerToken, profile }) => {
      const bandwidth = (median(rates) * bytesPerToken) / 1e9;
      return [
        model,
        mix,
        String(depth),
        spread(rates),
        number(bandwidth),
        percent(bandwidth / copy),
        profile ? number(profile.plainMicroseconds / 1000) : "–",
        String(figures.dispatchesPerToken),
        number(figures.bytesReadPerToken),
        `${figures.buffersCreated}/${figures.bindGroupsCreated}`,
      ];
    }),
  );
  return table(
    [
      "model",
      "type",
      "depth",
      "tokens/s",
      "GB/s",
      "of copy",
      "step on the GPU, ms",
      "dispatches",
      "bytes back",
      "buffers/groups made",
    ],
    rows,
  );
}

/** Tokens per second of the prompt, and what of each arithmetic ceiling its operations make. */
export function prefillTable({ models, ceilings }: GpuReport): string {
  const rows = good(models).map(({ model, mix, figures: { prefill, loadMilliseconds } }) => {
    const { tokens, rates, firstToken, operations } = prefill;
    const rate = ((median(rates) / tokens) * operations) / 1e9;
    const of = (ceiling: Measured | undefined) => (ceiling ? percent(rate / median(ceiling.samples)) : "–");
    return [
      model,
      mix,
      spread(rates),
      number(rate / 1000),
      of(ceilings?.f32),
      of(ceilings?.f16),
      of(ceilings?.int8),
      spread(firstToken),
      number(loadMilliseconds / 1000),
    ];
  });
  return table(
    ["model", "type", "tokens/s", "TOP/s", "of f32", "of f16", "of int8", "first token, ms", "load, s"],
    rows,
  );
}

/** What of the device's memory it takes, in GB, and how much of it is neither weights nor keys and values. */
export function memoryTable({ models }: GpuReport): string {
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(3);
  const rows = good(models).map(({ model, mix, figures: { memoryBytes, peakBytes, contextLength } }) => {
    const { weights, kv, scratch } = memoryBytes;
    return [
      model,
      mix,
      String(contextLength),
      ...[weights, kv, scratch, peakBytes].map(gigabytes),
      percent(peakBytes / (weights + kv) - 1),
    ];
  });
  return table(["model", "type", "context", "weights", "K/V", "scratch", "peak", "over weights + K/V"], rows);
}

/** Time per kernel of one token or of the prompt. */
export function profileTable(
  title: string,
  { wallMicroseconds, plainMicroseconds, resolutionMicroseconds, rows }: ProfileFigures,
): string {
  const body = rows.map(({ op, steps, microseconds, share, gigabytesPerSecond }) => [
    op,
    String(steps),
    number(microseconds),
    percent(share),
    gigabytesPerSecond === undefined ? "–" : number(gigabytesPerSecond),
  ]);
  const sums =
    `${title}: ${number(plainMicroseconds)} µs in one pass, ${number(wallMicroseconds)} µs with a pass for each dispatch; ` +
    `the clock steps by ${(1000 * resolutionMicroseconds).toFixed(0)} ns.`;
  return `${sums}\n\n${table(["kernel", "dispatches", "µs", "share", "GB/s"], body, 1)}`;
}

/** What failed, in lines; none when all is well. */
export function failures({ ops = [], golden = [], models }: GpuReport): string[] {
  return [
    ...ops
      .filter(opFailed)
      .map(
        (r) =>
          `op case ${r.name}: deviation ${r.deviation.toExponential(1)}, tolerance ${r.tolerance}${r.error ? ` (${r.error})` : ""}`,
      ),
    ...golden
      .filter(goldenFailed)
      .map(
        (r) =>
          `golden ${r.name}, ${r.run}: prompt ${number(r.prompt)}, long ${number(r.long)}, limit ${number(r.limit)}, ${r.greedyErrors} wrong tokens${r.error ? ` (${r.error})` : ""}`,
      ),
    ...models.flatMap(({ model, mix, error }) => (error ? [`${model} ${mix}: ${error}`] : [])),
  ];
}

function checkLines({ ops = [], golden = [] }: GpuReport): string | undefined {
  if (!ops.length && !golden.length) return undefined;
  const worst = ops.filter((r) => !opFailed(r)).reduce((most, r) => Math.max(most, r.deviation / r.tolerance), 0);
  return [
    `- op cases: ${ops.length - ops.filter(opFailed).length} of ${ops.length} agree with the reference; the largest deviation is ${percent(worst)} of its tolerance`,
    `- golden models: ${golden.length - golden.filter(goldenFailed).length} of ${golden.length} runs agree${golden.length ? "" : " (the reference data is not there)"}`,
  ].join("\n");
}

/** The whole report as Markdown. */
export function markdown(report: GpuReport): string {
  const models = good(report.models);
  const profiles = models.flatMap(({ model, mix, figures }) => [
    ...figures.decode.flatMap(({ depth, profile }) =>
      profile ? [profileTable(`${model} ${mix}, one token at depth ${depth}`, profile)] : [],
    ),
    ...(figures.prefill.profile
      ? [profileTable(`${model} ${mix}, prompt of ${figures.prefill.tokens} tokens`, figures.prefill.profile)]
      : []),
  ]);
  const failed = failures(report);
  const notes = models.flatMap(({ model, mix, figures }) => figures.notes.map((note) => `- ${model} ${mix}: ${note}`));
  return [
    deviceLines(report.device),
    report.ceilings && ceilingsTable(report.ceilings),
    checkLines(report),
    models.length ? `Decode; median (least–most):\n\n${decodeTable(report)}` : undefined,
    models.length ? `Prompt of ${models[0].figures.prefill.tokens} tokens:\n\n${prefillTable(report)}` : undefined,
    models.length ? `Memory on the device, GB:\n\n${memoryTable(report)}` : undefined,
    notes.join("\n"),
    ...profiles,
    failed.length ? `Failed:\n\n${failed.map((line) => `- ${line}`).join("\n")}` : undefined,
  ]
    .filter((part) => part)
    .join("\n\n");
}
