import type { Profile, ProfileStep } from "./api.ts";

/** A stretch of a profile's time: a bar of its picture. */
export interface Span {
  readonly name: string;
  /** How it was computed; of single steps. */
  readonly op?: string;
  /** From the beginning of the first step. */
  readonly startMicroseconds: number;
  readonly microseconds: number;
}

/** Rows of bars, each inside one above it. */
export interface Flame {
  /** Blocks of the model, and what stands before and behind them. */
  readonly parts: readonly Span[];
  readonly steps: readonly Span[];
  /** The work of each thread of the CPU path; what is not covered it waited. */
  readonly threads: readonly (readonly Span[])[];
}

/** A profile as a flame-like picture has it: from parts of the model down to single threads. */
export function flameOf(profile: Profile): Flame {
  const parts: { name: string; startMicroseconds: number; microseconds: number }[] = [];
  for (const step of profile.steps) {
    const name = partOf(step);
    const last = parts.at(-1);
    if (last?.name !== name) parts.push({ name, startMicroseconds: step.startMicroseconds, microseconds: 0 });
    const part = parts[parts.length - 1];
    part.microseconds = step.startMicroseconds + step.microseconds - part.startMicroseconds;
  }
  const threads = Array.from({ length: profile.threads }, (_, index) =>
    profile.steps.flatMap(({ label, op, threads }): Span[] => {
      const { startMicroseconds, workMicroseconds = 0 } = threads?.[index] ?? {};
      return startMicroseconds === undefined
        ? []
        : [{ name: label, op, startMicroseconds, microseconds: workMicroseconds }];
    }),
  );
  const steps = profile.steps.map(({ label, op, startMicroseconds, microseconds }) => ({
    name: label,
    op,
    startMicroseconds,
    microseconds,
  }));
  return { parts, steps, threads };
}

/** `blk.7` of `blk.7.attn_q`; the label itself of what is in no block. */
const partOf = ({ label }: ProfileStep) => /^blk\.\d+/.exec(label)?.[0] ?? label;
