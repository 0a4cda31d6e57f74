/** Maps values to places on a plot, and names the values worth a label. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

type Range = readonly [from: number, to: number];

/** Steps of 1, 2 or 5 times a power of ten within the range, about `count` of them. */
export function niceTicks([from, to]: Range, count: number): number[] {
  if (!(to > from)) return [from];
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999) ?? 10 * power;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Powers of ten within the range, with their doubles and halves where these would be few. */
export function logTicks([from, to]: Range): number[] {
  const decades = Math.log10(to / from);
  const factors = decades > 3 ? [1] : decades > 1.2 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power++) {
    for (const factor of factors) {
      const value = Number((factor * 10 ** power).toPrecision(3));
      if (value >= from * 0.999 && value <= to * 1.001) ticks.push(value);
    }
  }
  return ticks;
}

export function linearScale(values: Range, places: Range, count = 5): Scale {
  const [from, to] = values;
  const share = to > from ? (places[1] - places[0]) / (to - from) : 0;
  return { at: (value) => places[0] + (value - from) * share, ticks: niceTicks(values, count) };
}

/** Values must be positive. */
export function logScale(values: Range, places: Range): Scale {
  const linear = linearScale([Math.log10(values[0]), Math.log10(values[1])], places);
  return { at: (value) => linear.at(Math.log10(value)), ticks: logTicks(values) };
}

/** Narrowest range of a plot of samples, relative to their middle: noise of a hundredth must not look like a mountain. */
const LEAST_EXTENT = 0.1;

/** The range in which samples are shown: theirs with some air, at least a tenth around the middle. */
export function sampleRange(samples: readonly number[]): Range {
  const [low, high] = [Math.min(...samples), Math.max(...samples)];
  const middle = (low + high) / 2;
  const half = Math.max((high - low) * 0.55, Math.abs(middle) * LEAST_EXTENT) || 1;
  return [middle - half, middle + half];
}

/** Moves places apart, as little as it takes for `least` between any two, in their order. */
export function spreadApart(places: readonly number[], least: number): number[] {
  const order = places.map((_, i) => i).sort((a, b) => places[a] - places[b]);
  // Groups of neighbours that touch stand around the mean of what they wanted.
  const groups: { members: number[]; middle: number }[] = [];
  for (const index of order) {
    let group = { members: [index], middle: places[index] };
    for (let last = groups.at(-1); last && bottom(last, least) > top(group, least); last = groups.at(-1)) {
      groups.pop();
      const members = [...last.members, ...group.members];
      group = { members, middle: members.reduce((sum, i) => sum + places[i], 0) / members.length };
    }
    groups.push(group);
  }
  const moved = [...places];
  for (const group of groups) {
    for (const [i, index] of group.members.entries()) moved[index] = top(group, least) + (i + 0.5) * least;
  }
  return moved;
}

type Group = { readonly members: readonly number[]; readonly middle: number };
const top = ({ members, middle }: Group, least: number) => middle - (members.length * least) / 2;
const bottom = ({ members, middle }: Group, least: number) => middle + (members.length * least) / 2;

/** A range on a logarithmic scale with some air at both ends. */
export function logRange(values: readonly number[], air = 1.25): Range {
  const positive = values.filter((value) => value > 0);
  return positive.length > 0 ? [Math.min(...positive) / air, Math.max(...positive) * air] : [1, 10];
}
