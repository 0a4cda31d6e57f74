const BYTE_UNITS = ["B", "KB", "MB", "GB", "TB"];

/** 1234567 → "1.23 MB" (powers of 1000, three digits). */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${threeDigits(value, unit === 0)} ${BYTE_UNITS[unit]}`;
}

/** 494032768 → "494 M"; 7615616512 → "7.62 B". */
export function formatCount(count: number): string {
  for (const [size, suffix] of [
    [1e12, "T"],
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "K"],
  ] as const) {
    if (count >= size * 0.9995) return `${threeDigits(count / size, false)} ${suffix}`;
  }
  return String(count);
}

/** Tokens per second, or a dash when there is none yet. */
export function formatRate(rate: number | undefined): string {
  return rate === undefined || !Number.isFinite(rate) || rate <= 0 ? "–" : threeDigits(rate, false);
}

/** 0.42 → "420 µs"; 42 → "42.0 ms"; 4200 → "4.20 s"; 90000 → "1 min 30 s". */
export function formatMilliseconds(milliseconds: number | undefined): string {
  if (milliseconds === undefined || !Number.isFinite(milliseconds)) return "–";
  if (milliseconds < 1) return `${Math.round(milliseconds * 1000)} µs`;
  if (milliseconds < 999.5) return `${threeDigits(milliseconds, false)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${threeDigits(seconds, false)} s`;
  const whole = Math.round(seconds);
  return whole < 3600
    ? `${Math.floor(whole / 60)} min ${whole % 60} s`
    : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** 4.2 → "4.20 µs"; 42000 → "42.0 ms". */
export const formatMicroseconds = (microseconds: number): string =>
  microseconds < 999.5 ? `${threeDigits(microseconds, false)} µs` : formatMilliseconds(microseconds / 1000);

/** Whole seconds, for what is only a guess: 1860 → "2 s"; 90000 → "1 min 30 s". */
export function formatRoughly(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  return seconds < 60 ? `${seconds} s` : formatMilliseconds(seconds * 1000);
}

/** 12345 → "12,345". */
export const formatInteger = (value: number): string => Math.round(value).toLocaleString("en");

function threeDigits(value: number, integer: boolean): string {
  if (integer || value >= 99.95) return formatInteger(value);
  return value.toFixed(value >= 9.995 ? 1 : 2);
}
