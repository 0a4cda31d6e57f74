// A helper thread of the CPU path: instantiates the module on the shared memory and works until it is dismissed.
// The same file serves as a worker in browsers and in Node.
// @ts-check

const node = /** @type {any} */ (globalThis).process?.getBuiltinModule?.("node:worker_threads");

/**
 * @typedef {{module: WebAssembly.Module, memory: WebAssembly.Memory, index: number, stack: number | bigint, timeOrigin: number}} Start
 * `timeOrigin`: thread 0's, whose clock this one's is to agree with.
 */

/** @param {(message: Start) => void} handler */
function onMessage(handler) {
  if (node?.parentPort) node.parentPort.once("message", handler);
  else globalThis.addEventListener("message", (event) => handler(event.data), { once: true });
}

onMessage(async ({ module, memory, index, stack, timeOrigin }) => {
  const behind = performance.timeOrigin - timeOrigin;
  const { exports } = await WebAssembly.instantiate(module, { env: { memory, now: () => performance.now() + behind } });
  /** @type {WebAssembly.Global} */ (exports.__stack_pointer).value = stack;
  (node?.parentPort ?? globalThis).postMessage("serving");
  /** @type {(index: number) => void} */ (exports.serve)(index);
});

// A module, so that its names are its own.
export {};
