import { DTYPES, type DType } from "../../core/dtype.ts";
import { WebggufError } from "../../core/errors.ts";
import { SOURCES } from "./sources.ts";

/**
 * WGSL files as they are in shaders/, put together. Lines of their own that begin with `#`:
 *
 * - `#import "lib/half.wgsl"`: that file, once. `#import "lib/part.wgsl" 0`: once for slot 0, see `#weights`.
 * - `#if NAME`, `#if !NAME`, `#else`, `#endif`: parts for some variants only; they nest.
 * - `#weights 0 @binding(2)`: a matrix of any type. Declares its buffer there and brings the functions of
 *   quant/<type>.wgsl; in these files `$` stands for the slot's suffix, here `_0`.
 */
export interface ShaderRequest {
  /** Path below shaders/. */
  readonly file: string;
  /** Names that `#if` finds true; `NAME=4` declares a constant of type u32. */
  readonly defines: readonly string[];
  /** The type of each `#weights` slot. */
  readonly weights: readonly DType[];
}

export function assembleShader({ file, defines, weights }: ShaderRequest): string {
  const imported = new Set<string>();
  const names = new Set(defines);

  const include = (path: string, suffix = ""): string[] => {
    const key = `${path} ${suffix}`;
    if (imported.has(key)) return [];
    imported.add(key);
    const text = SOURCES[path];
    if (text === undefined) throw new WebggufError("internal", `There is no shader ${path}.`);
    return expand(path, suffix ? text.replaceAll("$", suffix) : text);
  };

  const slot = (index: number, binding: string): string[] => {
    const dtype = weights[index];
    if (!dtype || !(dtype in DTYPES)) throw new WebggufError("internal", `${file} has no weights ${index}.`);
    const suffix = `_${index}`;
    return [
      `@group(0) ${binding} var<storage, read> weights${suffix}: array<u32>;`,
      ...include("lib/slot.wgsl", suffix),
      ...include(`quant/${dtype.toLowerCase()}.wgsl`, suffix),
    ];
  };

  const expand = (path: string, text: string): string[] => {
    const out: string[] = [];
    const taken: boolean[] = [];
    for (const line of text.split("\n")) {
      const directive = /^\s*#(\w+)\s*(.*)$/.exec(line);
      const live = taken.every(Boolean);
      if (!directive) {
        if (live) out.push(line);
        continue;
      }
      const [, word, rest] = directive;
      if (word === "if") taken.push(rest.startsWith("!") ? !names.has(rest.slice(1).trim()) : names.has(rest.trim()));
      else if (word === "else") taken.push(!taken.pop());
      else if (word === "endif") taken.pop();
      else if (word === "import") {
        const [file, index] = rest.replaceAll('"', "").trim().split(/\s+/);
        if (live) out.push(...include(file, index ? `_${index}` : ""));
      } else if (word === "weights") {
        const [index, binding] = rest.split(/\s+/);
        if (live) out.push(...slot(Number(index), binding));
      } else throw new WebggufError("internal", `${path} has an unknown directive: ${line.trim()}`);
    }
    if (taken.length) throw new WebggufError("internal", `${path} lacks an #endif.`);
    return out;
  };

  const body = include(file);
  const needs = [names.has("SUBGROUPS") && "enable subgroups;", names.has("F16") && "enable f16;"].filter(Boolean);
  const constants = defines.filter((d) => d.includes("=")).map((d) => `const ${d.replace("=", " = ")}u;`);
  return [...needs, ...constants, ...body].join("\n");
}
