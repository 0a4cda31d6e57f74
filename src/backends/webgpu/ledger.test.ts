import { describe, expect, it } from "vitest";
import { BufferLedger } from "./ledger.ts";

const options = { contextLength: 4096, batchSize: 8, outputRows: 1, cacheType: "f16" } as const;

/** A device that says no to the out-of-memory scope once more than `room` bytes are asked for. */
function pretendedDevice(room: number) {
  const destroyed: string[] = [];
  let used = 0;
  const scopes: string[] = [];
  const device = {
    limits: { maxBufferSize: 1 << 20, maxStorageBufferBindingSize: 1 << 19 },
    createBuffer: ({ size, label }: GPUBufferDescriptor) => {
      used += size;
      return { size, label, destroy: () => destroyed.push(label ?? "") };
    },
    pushErrorScope: (filter: string) => scopes.push(filter),
    popErrorScope: async () => (scopes.pop() === "out-of-memory" && used > room ? { message: "no room" } : null),
  };
  return { device: device as unknown as GPUDevice, destroyed };
}

describe("BufferLedger", () => {
  it("counts buffers by kind and frees them together", () => {
    const { device, destroyed } = pretendedDevice(Infinity);
    const ledger = new BufferLedger(device);
    ledger.storage("weights", 1000, "w");
    ledger.storage("kv", 64, "k");
    ledger.readback(10);
    expect(ledger.memory()).toEqual({ weights: 1008, kv: 64, scratch: 16 });
    ledger.destroy();
    expect(destroyed).toEqual(["w", "k", "readback"]);
  });

  it("refuses what one binding cannot hold, with advice", () => {
    const ledger = new BufferLedger(pretendedDevice(Infinity).device);
    expect(() => ledger.storage("kv", 1 << 20, "cache_k.0")).toThrow(/"cache_k\.0" takes 2 MB.*allows 1 MB.*shorter/);
  });

  it("says what was asked for when the device has no room", async () => {
    const ledger = new BufferLedger(pretendedDevice(500_000).device);
    const fill = () => {
      ledger.storage("weights", 400_000, "w");
      ledger.storage("kv", 300_000, "k");
    };
    await expect(ledger.guarded(fill, options)).rejects.toMatchObject({
      code: "out-of-memory",
      message: expect.stringMatching(/1 MB of weights, 1 MB of K\/V cache \(4096 tokens of f16\)/),
    });
  });

  it("hands out what was made when there is room", async () => {
    const ledger = new BufferLedger(pretendedDevice(Infinity).device);
    expect(await ledger.guarded(() => ledger.storage("weights", 16, "w").label, options)).toBe("w");
  });
});
