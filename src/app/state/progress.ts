import type { OpenProgress } from "../../core/api.ts";

/** What the person sees while a model loads. */
export interface LoadProgress {
  stage: OpenProgress["stage"];
  loadedBytes: number;
  totalBytes: number;
  /** Bytes per second over the last seconds; undefined until two measurements are apart. */
  bytesPerSecond?: number;
  millisecondsLeft?: number;
}

export const LOAD_STAGES: readonly { stage: OpenProgress["stage"]; label: string }[] = [
  { stage: "header", label: "Reading the header" },
  { stage: "tokenizer", label: "Building the tokenizer" },
  { stage: "compile", label: "Laying out buffers" },
  { stage: "weights", label: "Loading weights" },
  { stage: "ready", label: "Ready" },
];

/** The rate is that of the bytes which arrived within this time. */
const WINDOW_MILLISECONDS = 2000;
/** Measurements closer together than this say nothing. */
const SHORTEST_MILLISECONDS = 100;

/** Turns the engine's reports into progress with a rate and the time left. `now` is in milliseconds. */
export function progressMeter(): (report: OpenProgress, now: number) => LoadProgress {
  const samples: { at: number; bytes: number }[] = [];
  return (report, now) => {
    const { stage, loadedBytes, totalBytes } = report;
    if (stage !== "weights") return { stage, loadedBytes, totalBytes };
    samples.push({ at: now, bytes: loadedBytes });
    while (samples.length > 2 && now - samples[1].at >= WINDOW_MILLISECONDS) samples.shift();
    const span = now - samples[0].at;
    if (span < SHORTEST_MILLISECONDS) return { stage, loadedBytes, totalBytes };
    const bytesPerSecond = ((loadedBytes - samples[0].bytes) / span) * 1000;
    if (bytesPerSecond <= 0) return { stage, loadedBytes, totalBytes };
    const millisecondsLeft = (Math.max(0, totalBytes - loadedBytes) / bytesPerSecond) * 1000;
    return { stage, loadedBytes, totalBytes, bytesPerSecond, millisecondsLeft };
  };
}
