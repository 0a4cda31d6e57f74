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
