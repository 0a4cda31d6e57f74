/**
 * What a program that drives a browser has to be able to do with one tab. All of it is input as from a person; elements
 * are found and read by the same code in every browser (see `find-elements.ts`), so a driver only fetches them.
 */
export interface Driver<Element = unknown> {
  /** Both are through when the document has loaded, not when the page has shown something. */
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** What an expression gives, or what its promise comes to: a text. */
  evaluate(expression: string): Promise<string>;
  /** The element that an expression gives. */
  element(expression: string): Promise<Element | null>;
  click(element: Element): Promise<void>;
  /** Types where the focus is. */
  type(text: string): Promise<void>;
  /** Presses keys together, in the names of `KeyboardEvent.key`. */
  press(keys: readonly string[]): Promise<void>;
  /** Gives files to a file input. */
  giveFiles(element: Element, paths: readonly string[]): Promise<void>;
  /** The part of the window that shows the page, in CSS pixels. */
  resize(width: number, height: number): Promise<void>;
  /** PNG. */
  screenshot(): Promise<Uint8Array>;
  /** Errors that no code of the page caught, and those that it wrote to the console. */
  faults(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** A browser that runs; each tab has storage of its own. */
export interface Browser {
  open(): Promise<Driver>;
  close(): Promise<void>;
}
