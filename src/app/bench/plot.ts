/** Colours of series, by number; `bench-plots.css` has them. */
export const seriesClass = (index: number): string => `series-${index % 8}`;

/** "1 test", "2 tests". */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** 2048 → "2k", 16384 → "16k", 100 → "100". */
export function shortNumber(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e3) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}
