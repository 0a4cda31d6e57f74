// Times the narrow and the wide kernels of wasm/dot.h against each other, on a thread of its own, so that nobody waits for it.
// The same file serves as a worker in browsers and in Node.
// @ts-check

const node = /** @type {any} */ (globalThis).process?.getBuiltinModule?.("node:worker_threads");

/** @typedef {(gemm: number, narrow: number, rounds: number) => void} Exercise */

/** A try lasts so many steps of the clock, and so many milliseconds at least: browsers round their clocks to 5 µs … 1 ms. */
const STEPS = 60;
const LEAST_MILLISECONDS = 0.3;
/** Between rounds of tries the processor is left to whoever loads the model, and to the compiler, whose last tier takes its time. */
const PAUSE_MILLISECONDS = 8;
/** Rounds: at least so many, then until no try has been faster for so many, up to so many in all. */
const LEAST_ROUNDS = 24;
const CALM_ROUNDS = 16;
const MOST_ROUNDS = 150;
/** No machine is known where one form is so much slower: it has not been through the compiler's last tier yet. */
const IMPLAUSIBLE = 2.5;

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

/** One kernel, and the best time of a call in milliseconds. */
class Runner {
  best = Number.POSITIVE_INFINITY;
  #calls = 16;
  /** @type {(calls: number) => void} */
  #run;

  /** @param {(calls: number) => void} run */
  constructor(run) {
    this.#run = run;
  }

  /** @param {number} milliseconds of a try @returns {boolean} whether it was faster than ever */
  try(milliseconds) {
    const start = performance.now();
    this.#run(this.#calls);
    const took = performance.now() - start;
    if (took < milliseconds) {
      this.#calls *= 2;
      return true;
    }
    const each = took / this.#calls;
    const faster = each < 0.98 * this.best;
    this.best = Math.min(this.best, each);
    return faster;
  }
}

/** @param {Exercise} exercise @returns the best times of one call, in milliseconds */
async function race(exercise) {
  const milliseconds = Math.max(LEAST_MILLISECONDS, STEPS * clockStep());
  const runners = [0, 1].map((gemm) => [0, 1].map((narrow) => new Runner((calls) => exercise(gemm, narrow, calls))));
  const plausible = () =>
    runners.every(([wide, narrow]) => Math.max(wide.best / narrow.best, narrow.best / wide.best) < IMPLAUSIBLE);
  let calm = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    calm++;
    for (const runner of runners.flat()) if (runner.try(milliseconds)) calm = 0;
    if (round >= LEAST_ROUNDS && calm >= CALM_ROUNDS && plausible()) break;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
  }
  const [gemv, gemm] = runners.map(([wide, narrow]) => ({ wide: wide.best, narrow: narrow.best }));
  return plausible() ? { gemv, gemm } : undefined;
}

/** @param {{ module: WebAssembly.Module, memory: WebAssembly.MemoryDescriptor }} request */
async function answer({ module, memory }) {
  const env = { memory: new WebAssembly.Memory(memory), now: () => performance.now() };
  const { exports } = await WebAssembly.instantiate(module, { env });
  const exercise = /** @type {Exercise} */ (exports.exercise);
  (node?.parentPort ?? globalThis).postMessage(await race(exercise));
}

if (node?.parentPort) node.parentPort.once("message", answer);
else globalThis.addEventListener("message", (event) => answer(event.data), { once: true });

// A module, so that its names are its own.
export {};
