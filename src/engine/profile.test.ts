import { describe, expect, it } from "vitest";
import { openModel } from "./open.ts";
import { ids, PretendDevice, tinyFile } from "./testing.ts";

async function pretend(contextLength = 300) {
  const device = new PretendDevice();
  return { device, model: await openModel(tinyFile(), { contextLength }, device.environment) };
}

describe("a profile", () => {
  it("is of one token behind what is in the context, which goes on as if nothing had been", async () => {
    const { model, device } = await pretend();
    for await (const _ of model.generate("abc", { temperature: 0, maxTokens: 2 }));
    const { contextUsed } = await model.stats();
    const profile = await model.profile({ repetitions: 3 });
    expect(profile).toMatchObject({ tokens: 1, contextDepth: contextUsed, repetitions: 3, wallMicroseconds: 1 });
    expect((await model.stats()).contextUsed).toBe(contextUsed);
    expect(device.cache.slice(1, 4)).toEqual(ids("abc"));
    const runs = device.runs.length;
    for await (const { text } of model.generate("abc", { temperature: 0, maxTokens: 1 })) expect(text).toBe("d");
    // The prompt was still in the cache, but for the token that is always evaluated.
    expect(device.runs.slice(runs)).toEqual([{ position: 3, count: 1 }]);
  });

  it("fills the context up to the depth that was asked for", async () => {
    const { model, device } = await pretend();
    expect(await model.profile({ contextDepth: 200 })).toMatchObject({ contextDepth: 200 });
    expect(device.runs.map((run) => run.count)).toEqual([128, 72, 1]);
    expect(await model.profile({ contextDepth: 10 })).toMatchObject({ contextDepth: 10 });
    expect(device.runs.at(-1)).toEqual({ position: 10, count: 1 });
  });

  it("of a long prompt goes batch by batch, end to end", async () => {
    const { model } = await pretend();
    const { tokens, wallMicroseconds, plainMicroseconds, steps } = await model.profile({ promptTokens: 200 });
    expect({ tokens, wallMicroseconds, plainMicroseconds }).toEqual({
      tokens: 200,
      wallMicroseconds: 200,
      plainMicroseconds: 100,
    });
    expect(steps.map((s) => [s.startMicroseconds, s.microseconds, s.threads?.[0].startMicroseconds])).toEqual([
      [0, 128, 0],
      [128, 72, 128],
    ]);
  });

  it("has room in a full context", async () => {
    const { model } = await pretend(8);
    for await (const _ of model.generate("abc", { temperature: 0 }));
    const { contextUsed } = await model.stats();
    expect(await model.profile()).toMatchObject({ contextDepth: Math.min(contextUsed, 7) });
  });

  it("refuses what cannot be", async () => {
    const { model } = await pretend(8);
    await expect(model.profile({ promptTokens: 0 })).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(model.profile({ contextDepth: -1 })).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(model.profile({ repetitions: 0.5 })).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(model.profile({ promptTokens: 9 })).rejects.toMatchObject({ code: "context-full" });
    await expect(model.profile({ contextDepth: 8 })).rejects.toMatchObject({ code: "context-full" });
  });

  it("says so where the device has no timers", async () => {
    const { device } = await pretend();
    const environment = {
      selectBackend: async () => {
        const selection = await device.environment.selectBackend("auto", {});
        const compile: typeof selection.backend.compile = async (...args) => ({
          ...(await selection.backend.compile(...args)),
          profile: undefined,
        });
        return { ...selection, backend: { ...selection.backend, compile } };
      },
    };
    const model = await openModel(tinyFile(), {}, environment);
    await expect(model.profile()).rejects.toMatchObject({ code: "device-unavailable" });
  });
});
