import { describeMachine } from "./machine.ts";
import type { GpuFacts, Machine } from "./types.ts";
import type { Probes } from "./watch.ts";

/** What TypeScript's library does not know of browsers, as far as they have it. */
interface BrowserNavigator {
  readonly deviceMemory?: number;
  readonly userAgentData?: {
    getHighEntropyValues(names: string[]): Promise<{ fullVersionList?: { brand: string; version: string }[] }>;
  };
  getBattery?(): Promise<{ charging: boolean; level: number }>;
  readonly gpu?: { requestAdapter(): Promise<Adapter | null> };
}

interface Adapter {
  readonly info: {
    vendor: string;
    architecture: string;
    device: string;
    description: string;
    isFallbackAdapter?: boolean;
  };
  readonly features: Iterable<string>;
  readonly limits: Readonly<Record<string, unknown>>;
}

/** Limits that decide what can run. */
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
];

/** The machine as this page sees it. */
export async function machineOfPage(): Promise<Machine> {
  const browser = navigator as Navigator & BrowserNavigator;
  const versions = await browser.userAgentData?.getHighEntropyValues(["fullVersionList"]).catch(() => undefined);
  const battery = await browser.getBattery?.().catch(() => undefined);
  return describeMachine({
    brands: versions?.fullVersionList,
    userAgent: navigator.userAgent,
    platform: navigator.platform,
    logicalProcessors: navigator.hardwareConcurrency,
    memoryGigabytes: browser.deviceMemory,
    isolated: crossOriginIsolated,
    gpu: await gpuOf(browser),
    power: battery && { charging: battery.charging, level: battery.level },
  });
}

async function gpuOf({ gpu }: BrowserNavigator): Promise<GpuFacts | undefined> {
  const adapter = await gpu?.requestAdapter().catch(() => null);
  if (!adapter) return undefined;
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  return {
    adapter: [vendor, architecture, device, description].filter(Boolean).join(" ") || "unnamed",
    fallback: isFallbackAdapter ?? false,
    features: [...adapter.features].sort(),
    limits: Object.fromEntries(LIMITS.map((name) => [name, Number(adapter.limits[name] ?? 0)])),
  };
}

/** Watches this page: whether it is seen, and its heap. Call `stop` in the end. */
export function pageProbes(): Probes & { stop(): void } {
  let wasHidden = document.hidden;
  const note = () => {
    wasHidden ||= document.hidden;
  };
  document.addEventListener("visibilitychange", note);
  return {
    hidden: () => wasHidden,
    heap: () => (performance as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize,
    stop: () => document.removeEventListener("visibilitychange", note),
  };
}
