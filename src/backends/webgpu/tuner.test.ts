import { describe, expect, it } from "vitest";
import { checkCase, OP_CASES, type OpCase } from "../cases/index.ts";
import { createReferenceBackend } from "../reference/index.ts";
import { faultOf } from "./checks/index.ts";
import { createWebgpuBackend } from "./index.ts";
import type { Kernel } from "./kernel.ts";
import { matmul, matvec, type Product } from "./kernels/matmul.ts";
import { rmsNorm } from "./kernels/rows.ts";
import { AdapterMemory } from "./memory.ts";
import { testDevice, testGpu } from "./testing.ts";
import { Stopwatch, Tuner } from "./tuner.ts";
import { defaultTuning, MATMUL_CANDIDATES, MATVEC_CANDIDATES, matmulClass, matvecClass } from "./tuning.ts";

const ADAPTER = { vendor: "v", architecture: "a", device: "d", description: "" };
const buffer = { size: 64 } as GPUBuffer;
const view = { buffer, offset: 0, stride: 512 };

function productOf(dtype: "Q4_K" | "F16", width: number): Product {
  const matrix = { dtype, buffer, width, rows: 8, small: 0, book: 0 };
  const step = { size: 64 } as GPUBuffer;
  return { label: "p", x: view, width, matrices: [matrix], glu: false, out: view, step, rowsWord: 1 };
}

class MapStore {
  readonly entries = new Map<string, unknown>();
  get = async (key: string) => this.entries.get(key);
  set = async (key: string, value: unknown) => void this.entries.set(key, value);
}

describe("sizes", () => {
  const plain = { subgroups: false, f16: false, packed: false };

  it("are shared by products of one class", () => {
    expect(matvecClass(productOf("Q4_K", 512))).toBe("matvec Q4_K narrow");
    expect(matvecClass({ ...productOf("Q4_K", 2048), glu: true })).toBe("matvec Q4_K middle glu");
    expect(matvecClass(productOf("F16", 8192))).toBe("matvec F16 wide");
    const variants = { ...plain, packed: true, f16: true };
    expect(matmulClass(productOf("Q4_K", 512), variants)).toBe("matmul packed");
    expect(matmulClass(productOf("F16", 512), variants)).toBe("matmul f16");
    expect(matmulClass(productOf("F16", 512), plain)).toBe("matmul f32");
  });

  it("are those that were measured, if there are such sizes", async () => {
    const store = new MapStore();
    const memory = await AdapterMemory.open(ADAPTER, store);
    memory.setTuned("matvec Q4_K narrow", { rows: 8, threads: 64 });
    memory.setTuned("matvec Q4_K wide", { rows: 1e9, threads: 64 });
    await memory.save();
    const presets = defaultTuning(false);
    const tuner = new Tuner(presets, await AdapterMemory.open(ADAPTER, store));
    expect(tuner.isTuned).toBe(false);
    const wide = productOf("Q4_K", 8192);
    expect(tuner.matvec(wide, plain)).toEqual(presets.matvec(wide, plain));
    expect(tuner.isTuned).toBe(false);
    expect(tuner.matvec(productOf("Q4_K", 512), plain)).toEqual({ rows: 8, threads: 64 });
    expect(tuner.isTuned).toBe(true);
  });

  it("are measured again for other shaders", async () => {
    const store = new MapStore();
    const memory = await AdapterMemory.open(ADAPTER, store);
    memory.setTuned("matmul f32", { rows: 2, tokens: 4 });
    await memory.save();
    expect((await AdapterMemory.open(ADAPTER, store)).tuned("matmul f32")).toEqual({ rows: 2, tokens: 4 });
    const [[key, entry]] = store.entries as Map<string, object>;
    store.entries.set(key, { ...entry, tunedShaders: "others" });
    expect((await AdapterMemory.open(ADAPTER, store)).tuned("matmul f32")).toBeUndefined();
  });
});

const gpu = await testGpu();
const device = await testDevice();
const CASE = OP_CASES.find(({ name }) => name === "matmul Q4_K 256×21 with bias") as OpCase;

describe.skipIf(!gpu || !device)("tuning on the GPU", { timeout: 240_000 }, () => {
  const open = (store: MapStore, tuneMilliseconds: number) =>
    createWebgpuBackend({ gpu, store, tune: true, tuneMilliseconds });
  const tunedIn = (store: MapStore) => Object.keys((Array.from(store.entries.values())[0] as { tuned: object }).tuned);

  it("ends when its time is over, with what it has", async () => {
    const store = new MapStore();
    const tuned: number[] = [];
    // A class that was begun is finished, so that every opening knows more.
    for (let opening = 0; opening < 3; opening++) {
      const backend = await open(store, 1);
      const plan = await backend.compile(CASE.graph, CASE.options);
      await plan.ready?.();
      tuned.push(tunedIn(store).length);
      await backend.close();
    }
    expect(tuned).toEqual([1, 2, 2]);
  });

  it("measures each class once, remembers, and computes right", async () => {
    const store = new MapStore();
    const backend = await open(store, 200_000);
    const { deviations, tolerance } = await checkCase(createReferenceBackend(), backend, CASE, "int8");
    expect(Math.max(...deviations)).toBeLessThanOrEqual(tolerance);
    const classes = ["matvec Q4_K narrow", device?.variants.packed ? "matmul packed" : "matmul f32"];
    expect(tunedIn(store).sort()).toEqual(classes.sort());
    await backend.close();
    const before = JSON.stringify([...store.entries]);
    const again = await open(store, 1);
    const plan = await again.compile(CASE.graph, CASE.options);
    await plan.ready?.();
    expect(plan.notes?.join()).toContain("tile sizes tuned");
    expect(JSON.stringify([...store.entries])).toBe(before);
    await again.close();
  });

  it("times with timestamps and without", async () => {
    const other = await testDevice();
    const out = other!.storage(4096, "out");
    const step = other!.storage(16, "step");
    other!.device.queue.writeBuffer(step, 0, Uint32Array.of(0, 1, 0, 0));
    const rows = { buffer: out, offset: 0, stride: 512 };
    const weight = other!.storage(2048, "weight");
    const norm = rmsNorm({
      label: "",
      out: rows,
      x: rows,
      weight,
      width: 512,
      groups: 1,
      eps: 1e-5,
      step,
      rowsWord: 1,
    });
    const program = [await other!.bind(norm)];
    const times = [await new Stopwatch(other!).time(program, 1, 5)];
    Object.defineProperty(other, "hasTimestamps", { value: false });
    times.push(await new Stopwatch(other!).time(program, 1, 5));
    for (const time of times) expect(time).toBeGreaterThan(0);
    other!.close();
  });

  const step = buffer;
  const variants = device?.variants ?? { subgroups: false, f16: false, packed: false };
  const product = { ...productOf("Q4_K", 512), step };
  const kernels: Kernel[] = [
    ...MATVEC_CANDIDATES.map((sizes) => matvec(product, variants, sizes).kernel),
    ...MATMUL_CANDIDATES.map((sizes) => {
      const dispatches = matmul(product, variants, { batch: 64, scratch: () => buffer }, sizes);
      return dispatches[dispatches.length - 1].kernel;
    }),
  ];
  it.each(kernels.map((kernel) => [`${kernel.defines.join(" ")} ${kernel.constants.threads ?? ""}`, kernel] as const))(
    "%s is right or does not fit",
    async (_, kernel) => {
      const fault = await faultOf(device!, kernel);
      if (fault) expect(fault).toMatch(/does not compile.*workgroup/s);
    },
  );
});
