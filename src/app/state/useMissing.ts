import { useEffect, useState } from "react";
import { detectFeatures, reachesBeyond4GiB } from "../../core/wasm-features.ts";
import { type Capabilities, whatIsMissing, whyOneThread } from "./capabilities.ts";
import { get } from "./database.ts";
import { canStore } from "./storage.ts";

const features = detectFeatures();
const { threads } = features;
const isolated = crossOriginIsolated;

/** Why the CPU path has one thread only in this page; undefined where it has more. */
export const ONE_THREAD = whyOneThread({ isolated, threads });

async function capabilitiesOfPage(): Promise<Capabilities> {
  const models = await get("probe").then(
    () => true,
    () => false,
  );
  return {
    isolated,
    threads,
    wideMemory: reachesBeyond4GiB(features),
    fileHandles: "showOpenFilePicker" in window || "getAsFileSystemHandle" in DataTransferItem.prototype,
    keeps: { settings: canStore("local"), conversation: canStore("session"), models },
  };
}

/** What a person misses in this browser, see `whatIsMissing`; nothing until it is known. */
export function useMissing(): readonly string[] {
  const [missing, setMissing] = useState<readonly string[]>([]);
  useEffect(() => void capabilitiesOfPage().then((capabilities) => setMissing(whatIsMissing(capabilities))), []);
  return missing;
}
