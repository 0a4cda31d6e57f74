/** What `Runtime.getHeapUsage` tells that is read here; browsers of before 2025 leave it out. */
export interface HeapUsage {
  readonly backingStorageSize?: number;
}

/** What `HeapProfiler.stopSampling` tells that is read here. */
export interface SamplingProfile {
  readonly head: SamplingNode;
}

interface SamplingNode {
  readonly selfSize: number;
  readonly children: readonly SamplingNode[];
}

/** Parameters of `HeapProfiler.startSampling`: a sample for each byte, and what is collected meanwhile stays counted. */
export const EVERY_ALLOCATION = {
  samplingInterval: 1,
  includeObjectsCollectedByMajorGC: true,
  includeObjectsCollectedByMinorGC: true,
} as const;

/** Bytes of everything in a profile. */
export function sampledBytes({ head }: SamplingProfile): number {
  const all = (node: SamplingNode): number => node.children.reduce((sum, child) => sum + all(child), node.selfSize);
  return all(head);
}
