import { createRequire } from "node:module";
import { arch, cpus, platform, release } from "node:os";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Gpu } from "../../src/backends/webgpu/gpu.ts";
import type { DeviceFacts } from "./types.ts";

interface Dawn {
  create(flags: string[]): GPU;
  globals: object;
}

/** Kept: Dawn ends the process when its GPU object is collected before its devices are. */
let dawn: GPU | undefined;

/**
 * The GPU of Dawn's package for Node. `place`: the folder of the npm package `webgpu`, or its `dawn.node` alone. `flags` as the
 * package's `create` takes them, such as `backend=vulkan`.
 */
export async function dawnGpu(place: string | undefined, flags: string[]): Promise<GPU> {
  if (!place) {
    throw new Error(
      "WEBGPU_PACKAGE is not set. It says where Node finds WebGPU: the folder of the npm package `webgpu`\n" +
        "(npm install --prefix /somewhere webgpu gives /somewhere/node_modules/webgpu), or a dawn.node by itself.",
    );
  }
  let module: Dawn;
  try {
    module = place.endsWith(".node")
      ? createRequire(import.meta.url)(resolve(place))
      : await import(/* @vite-ignore */ pathToFileURL(resolve(place, "index.js")).href);
  } catch (cause) {
    throw new Error(`WEBGPU_PACKAGE=${place} cannot be loaded: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
  Object.assign(globalThis, module.globals);
  dawn ??= module.create(flags);
  return dawn;
}

/** What the adapter is, and what of it is used. Throws where there is none. */
export async function deviceFacts(gpu: GPU): Promise<DeviceFacts> {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter)
    throw new Error("WebGPU found no adapter. On Linux it wants a Vulkan driver (libvulkan.so.1 and an ICD).");
  const { variants, close } = await openGpu(gpu);
  close();
  const { vendor, architecture, device, description, isFallbackAdapter, subgroupMinSize, subgroupMaxSize } =
    adapter.info;
  return {
    adapter: { vendor, architecture, device, description, isFallbackAdapter, subgroupMinSize, subgroupMaxSize },
    features: [...adapter.features].sort(),
    languageFeatures: [...(gpu.wgslLanguageFeatures ?? [])].sort(),
    limits: plainLimits(adapter.limits),
    variants: Object.entries(variants).flatMap(([name, on]) => (on ? [name] : [])),
    system: `${platform()} ${release()} ${arch()}, ${cpus()[0]?.model.trim() ?? "unknown CPU"}, Node ${process.versions.node}`,
  };
}

async function openGpu(gpu: GPU) {
  const opened = await Gpu.open(gpu);
  return { variants: opened.variants, close: () => opened.close() };
}

function plainLimits(limits: GPUSupportedLimits): Record<string, number> {
  const plain: Record<string, number> = {};
  for (const name in limits) {
    const value = Reflect.get(limits, name);
    if (typeof value === "number") plain[name] = value;
  }
  return plain;
}
