import { renderTemplate } from "../chat/template.ts";
import type { Webgguf } from "../core/api.ts";
import { openModel } from "./open.ts";

export { EngineModel } from "./model.ts";
export { type Environment, openModel } from "./open.ts";

/** The engine in this thread; runs in Node as well. */
export const engine: Webgguf = {
  open: (source, options) => openModel(source, options),
  renderTemplate: async (template, options) => renderTemplate(template, options),
};
