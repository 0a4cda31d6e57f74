/** Logical processors, at most 16: beyond that the memory is the limit, not the arithmetic. */
export function defaultThreads(): number {
  return Math.min(16, globalThis.navigator?.hardwareConcurrency ?? nodeProcessors() ?? 4);
}

function nodeProcessors(): number | undefined {
  return nodeModule<{ availableParallelism(): number }>("node:os")?.availableParallelism();
}

/** A module of Node's own when running there, else undefined; browsers' bundlers need not know. */
export function nodeModule<T>(name: string): T | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): T | undefined } };
  return process?.getBuiltinModule?.(name);
}
