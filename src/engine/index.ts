import { selectBackend } from "../backends/select.ts";
import { renderTemplate } from "../chat/template.ts";
import type { Webgguf } from "../core/api.ts";
import { benchKernels } from "./bench-kernels.ts";
import { benchSampling } from "./bench-parts.ts";
import { type Environment, openModel } from "./open.ts";

export { EngineModel } from "./model.ts";
export { type Environment, openModel } from "./open.ts";

/** The engine in this thread, with what it takes from around it; runs in Node as well. */
export const createEngine = (environment: Partial<Environment> = {}): Webgguf => ({
  open: (source, options) => openModel(source, options, { selectBackend, ...environment }),
  renderTemplate: async (template, options) => renderTemplate(template, options),
  benchKernels: (specs, options = {}) => benchKernels(specs, options, { selectBackend, ...environment }),
  benchSampling,
});

export const engine: Webgguf = createEngine();
