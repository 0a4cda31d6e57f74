import { describe, expect, it } from "vitest";
import { tinyModel } from "../../../test/fixtures.ts";
import { bytesSource } from "../../../test/golden-run.ts";
import { ALL_VARIANTS } from "../../../test/gpu-programs.ts";
import { WebggufError } from "../../core/errors.ts";
import { openGguf } from "../../gguf/open.ts";
import { buildModel } from "../../models/registry.ts";
import type { Dispatch } from "./kernel.ts";
import { WebgpuPlan } from "./plan.ts";
import type { PlanAdapter } from "./prepare.ts";
import type { Make } from "./trust.ts";
import { defaultTuning } from "./tuning.ts";

const OPTIONS = { contextLength: 64, batchSize: 8, outputRows: 8, cacheType: "f16" } as const;

/** A plan on a device that takes everything and computes nothing; checks end when `checks` does. */
async function pretend(checks: Promise<void>) {
  const { metadata, tensors } = await openGguf([bytesSource("tiny", tinyModel({ architecture: "llama" }))]);
  const { graph } = buildModel(metadata, tensors);
  const events: string[] = [];
  const alive = new Set<object>();
  let lose = (_: { message: string }) => {};
  const lost = new Promise<{ message: string }>((resolve) => {
    lose = resolve;
  });
  const device = {
    lost,
    limits: { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 28 },
    createBuffer({ size }: GPUBufferDescriptor) {
      const buffer = { size, destroy: () => alive.delete(buffer) };
      alive.add(buffer);
      return buffer;
    },
    pushErrorScope() {},
    popErrorScope: async () => null,
    queue: { writeBuffer: () => void events.push("write"), onSubmittedWorkDone: async () => {} },
  };
  const gpu = {
    device,
    lost: undefined as { message: string } | undefined,
    pipeline: async () => ({}),
    async bind(dispatch: Dispatch) {
      events.push("bind");
      return { dispatch };
    },
  };
  lost.then((info) => {
    gpu.lost = info;
  });
  const trust = {
    choose: (make: Make) => make(ALL_VARIANTS, defaultTuning(false)),
    async settle(build: () => unknown) {
      await checks;
      build();
      events.push("check");
    },
    allows: async () => true,
    notes: () => ["all checked"],
  };
  const tuner = {
    isTuned: true,
    async tune() {
      events.push("tune");
    },
  };
  const adapter = { gpu, trust, tuner, bindingBytes: 2 ** 28, tuneMilliseconds: 1 } as unknown as PlanAdapter;
  const plan = await WebgpuPlan.create(graph, OPTIONS, adapter);
  const load = async () => {
    for (const value of graph.values) {
      const tensor = value.kind === "weight" ? tensors.get(value.name) : undefined;
      if (tensor) await plan.load([tensor], {});
    }
  };
  return { plan, load, alive, events, lose };
}

/** A promise and its end. */
function gate() {
  let open = () => {};
  let fail = (_: Error) => {};
  const promise = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  promise.catch(() => {});
  return { promise, open, fail };
}

describe("a plan that gets ready", () => {
  it("takes its weights while kernels are checked; then sizes are tuned and pipelines bound", async () => {
    const { promise, open } = gate();
    const { plan, load, events } = await pretend(promise);
    await load();
    expect(new Set(events)).toEqual(new Set(["write"]));
    expect(plan.decodeTasks).toEqual([]);
    events.length = 0;
    open();
    await plan.ready();
    expect(events.slice(0, 4)).toEqual(["check", "tune", "check", "bind"]);
    expect(plan.decodeTasks.length).toBeGreaterThan(7);
    expect(plan.notes).toEqual(["all checked"]);
    expect(plan.canDecode({ temperature: 0, typicalP: 1 } as never, 32)).toBe(true);
    await plan.close();
  });

  it("is freed when it is closed meanwhile, and what still goes on makes nothing anew", async () => {
    const { promise, open } = gate();
    const { plan, alive, events } = await pretend(promise);
    expect(alive.size).toBeGreaterThan(10);
    const ready = plan.ready();
    await Promise.all([plan.close(), expect(ready).rejects.toMatchObject({ code: "closed" })]);
    expect(alive.size).toBe(0);
    open();
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect([alive.size, events.includes("bind")]).toEqual([0, false]);
  });

  it("stops waiting at a signal", async () => {
    const stop = new AbortController();
    const { plan } = await pretend(gate().promise);
    const ready = plan.ready(stop.signal);
    stop.abort();
    await expect(ready).rejects.toMatchObject({ code: "aborted" });
    await plan.close();
  });

  it("fails with what its kernels fail with, in every call", async () => {
    const { promise, fail } = gate();
    const { plan, load } = await pretend(promise);
    await load();
    fail(new WebggufError("device-unavailable", "It computes wrongly."));
    await expect(plan.ready()).rejects.toMatchObject({ code: "device-unavailable" });
    const run = plan.run({ tokens: [1], position: 0, outputs: [0] });
    await expect(run).rejects.toMatchObject({ code: "device-unavailable" });
    await plan.close();
  });

  it("is lost with its device", async () => {
    const { plan, lose } = await pretend(gate().promise);
    const ready = plan.ready();
    lose({ message: "unplugged" });
    await expect(ready).rejects.toMatchObject({ code: "device-lost", message: expect.stringContaining("unplugged") });
    await plan.close();
  });
});
