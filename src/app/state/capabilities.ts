/** What a browser gives the page of all that it can do without. */
export interface Capabilities {
  /** The page came with the headers for cross-origin isolation. */
  readonly isolated: boolean;
  /** Memory that threads share. */
  readonly threads: boolean;
  /** WebAssembly memory of more than 4 GiB. */
  readonly wideMemory: boolean;
  /** Handles, by which a file is found again on the next visit. */
  readonly fileHandles: boolean;
  readonly keeps: Readonly<Record<Stored, boolean>>;
}

/** What the page stores: in local storage, in session storage, in IndexedDB. */
export type Stored = "settings" | "conversation" | "models";

const STORED: Record<Stored, string> = {
  settings: "the settings",
  conversation: "the conversation",
  models: "the models opened before",
};

const CONJUNCTION = new Intl.ListFormat("en", { type: "conjunction" });

/** Why the CPU path has one thread only; undefined where it has more. */
export function whyOneThread({ isolated, threads }: Pick<Capabilities, "isolated" | "threads">): string | undefined {
  if (threads) return undefined;
  return isolated
    ? "This browser gives pages no memory that threads can share: on the CPU, models run on one thread."
    : "This page is served without the headers for cross-origin isolation (COOP and COEP): on the CPU, models run on one thread.";
}

/** What a person misses in this browser, and would notice: one sentence each. */
export function whatIsMissing(capabilities: Capabilities): string[] {
  const { wideMemory, fileHandles, keeps } = capabilities;
  const lost = (Object.keys(STORED) as Stored[]).filter((stored) => !keeps[stored]).map((stored) => STORED[stored]);
  const sentences = [
    whyOneThread(capabilities),
    wideMemory
      ? undefined
      : "This browser's WebAssembly has at most 4 GB of memory: on the CPU, larger models do not open.",
    keeps.models && !fileHandles
      ? "This browser gives pages no way back to a file: models from files are not offered again on the next visit, those from addresses are."
      : undefined,
    lost.length > 0
      ? `This browser does not let the page store ${CONJUNCTION.format(lost)}: gone when it is closed or reloaded.`
      : undefined,
  ];
  return sentences.filter((sentence) => sentence !== undefined);
}
