// Times the narrow and the wide kernels of wasm/dot.h against each other, on a thread of its own, so that nobody waits for it.
// The same file serves as a worker in browsers and in Node.
// @ts-check

const node = /** @type {any} */ (globalThis).process?.getBuiltinModule?.("node:worker_threads");

/** @typedef {(gemm: number, narrow: number, rounds: number) => void} Exercise */

/** A try lasts so many steps of the clock, and so many milliseconds at least: browsers round their clocks to 5 µs … 1 ms. */
const STEPS = 60;
const LEAST_MILLISECONDS = 0.3;
/** Rounds of tries, in turn: at least so many, then until nobody has been faster for so many, up to so many milliseconds in all. */
const LEAST_ROUNDS = 12;
const CALM_ROUNDS = 8;
const MOST_MILLISECONDS = 400;

/** The smallest step of the clock that shows, in milliseconds. */
function clockStep() {
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    let now = start;
    while (now === start) now = performance.now();
    smallest = Math.min(smallest, now - start);
  }
  return smallest;
}

/**
 * @param {Exercise} exercise @param {number} gemm @param {number} narrow @param {number} milliseconds
 * @returns how many calls take about that long, when the compiler has done what it can
 */
function callsOf(exercise, gemm, narrow, milliseconds) {
  let calls = 16;
  for (;;) {
    const start = performance.now();
    exercise(gemm, narrow, calls);
    const took = performance.now() - start;
    if (took >= milliseconds) return Math.ceil((calls * milliseconds) / took);
    calls *= 2;
  }
}

/**
 * The best time of one call of each kernel, in microseconds.
 * @param {Exercise} exercise @param {number} gemm
 */
function race(exercise, gemm) {
  const milliseconds = Math.max(LEAST_MILLISECONDS, STEPS * clockStep());
  const calls = [0, 1].map((narrow) => callsOf(exercise, gemm, narrow, milliseconds));
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const begun = performance.now();
  for (let round = 0, calm = 0; round < LEAST_ROUNDS || calm < CALM_ROUNDS; round++, calm++) {
    for (const narrow of [0, 1]) {
      const start = performance.now();
      exercise(gemm, narrow, calls[narrow]);
      const each = ((performance.now() - start) / calls[narrow]) * 1000;
      if (each < 0.99 * best[narrow]) calm = 0;
      best[narrow] = Math.min(best[narrow], each);
    }
    if (performance.now() - begun > MOST_MILLISECONDS) break;
  }
  return { wide: best[0], narrow: best[1] };
}

/** @param {{ module: WebAssembly.Module, memory: WebAssembly.MemoryDescriptor }} request */
async function answer({ module, memory }) {
  const env = { memory: new WebAssembly.Memory(memory), now: () => performance.now() };
  const { exports } = await WebAssembly.instantiate(module, { env });
  const exercise = /** @type {Exercise} */ (exports.exercise);
  (node?.parentPort ?? globalThis).postMessage({ gemv: race(exercise, 0), gemm: race(exercise, 1) });
}

if (node?.parentPort) node.parentPort.once("message", answer);
else globalThis.addEventListener("message", (event) => answer(event.data), { once: true });

// A module, so that its names are its own.
export {};
