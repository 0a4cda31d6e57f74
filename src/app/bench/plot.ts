import { type RefObject, useLayoutEffect, useRef, useState } from "react";

/** The width in pixels that an element has, so that plots keep the size of their letters. */
export function useWidth<T extends Element>(initial = 640): readonly [RefObject<T | null>, number] {
  const element = useRef<T>(null);
  const [width, setWidth] = useState(initial);
  useLayoutEffect(() => {
    const box = element.current;
    if (!box) return;
    const measure = () => setWidth(Math.max(240, Math.floor(box.getBoundingClientRect().width)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}

/** Colours of series, by number; `bench.css` has them. */
export const seriesClass = (index: number): string => `series-${index % 8}`;

/** "1 test", "2 tests". */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** 2048 → "2k", 16384 → "16k", 100 → "100". */
export function shortNumber(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e3) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}
