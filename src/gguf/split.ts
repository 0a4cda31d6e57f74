import { WebggufError } from "../core/errors.ts";
import type { ByteSource, TensorInfo } from "../core/source.ts";
import type { GgufHeader } from "./header.ts";
import { shortened } from "./tensors.ts";

export interface Part {
  readonly source: ByteSource;
  readonly header: GgufHeader;
}

interface MergedParts {
  readonly first: GgufHeader;
  readonly ordered: readonly Part[];
  readonly tensors: ReadonlyMap<string, TensorInfo>;
}

/** llama.cpp's gguf-split asks for fewer. */
const MAX_PARTS = 99_999;

/**
 * Puts the parts of a split model in order (by `split.no`, whatever their names) and merges their tensor tables.
 * One file that is not split passes through.
 */
export function mergeParts(parts: readonly Part[]): MergedParts {
  const counts = parts.map(splitCount);
  const count = counts[0];
  if (parts.length === 1 && count <= 1) {
    const [{ header }] = parts;
    return { first: header, ordered: parts, tensors: header.tensors };
  }
  const stranger = parts.findIndex((_, index) => counts[index] !== count || counts[index] <= 1);
  if (stranger >= 0) {
    throw new WebggufError(
      "invalid-argument",
      `The ${parts.length} files are not the parts of one model: ${parts[0].source.name} is ${kindOf(counts[0])}, ${parts[stranger].source.name} is ${kindOf(counts[stranger])}. Open one model at a time.`,
    );
  }
  const ordered = inOrder(parts, count);
  const tensors = new Map<string, TensorInfo>();
  for (const { header, source } of ordered) {
    for (const tensor of header.tensors.values()) {
      const known = tensors.get(tensor.name);
      if (known) {
        throw new WebggufError(
          "malformed",
          `The tensor ${shortened(tensor.name)} is in ${known.source.name} and in ${source.name}. The parts do not belong to the same model; download them again.`,
        );
      }
      tensors.set(tensor.name, tensor);
    }
  }
  const first = ordered[0].header;
  const expected = first.metadata.number("split.tensors.count");
  if (expected !== undefined && expected !== tensors.size) {
    throw new WebggufError(
      "malformed",
      `${ordered[0].source.name} and its other parts hold ${tensors.size} tensors, but the model should have ${expected}. The parts do not belong to the same model; download them again.`,
    );
  }
  return { first, ordered, tensors };
}

function inOrder(parts: readonly Part[], count: number): Part[] {
  const ordered: Part[] = [];
  for (const part of parts) {
    const { source, header } = part;
    const number = header.metadata.number("split.no");
    if (number === undefined || !Number.isInteger(number) || number < 0 || number >= count) {
      throw new WebggufError(
        "malformed",
        `${source.name}: split.no is ${number}, but the model has ${count} parts (0 to ${count - 1}). Download the file again.`,
      );
    }
    if (ordered[number]) {
      throw new WebggufError(
        "invalid-argument",
        `${ordered[number].source.name} and ${source.name} are both part ${number + 1} of ${count}. Give each part once.`,
      );
    }
    ordered[number] = part;
  }
  if (parts.length < count) throw missingParts(ordered, count);
  return ordered;
}

function missingParts(ordered: readonly Part[], count: number): WebggufError {
  const missing = [];
  for (let number = 0; number < count && missing.length < 4; number++) {
    if (!ordered[number]) missing.push(partName(ordered, number, count));
  }
  const given = ordered.filter(Boolean).length;
  const more = count - given - missing.length;
  const names = missing.join(", ") + (more > 0 ? ` and ${more} more` : "");
  return new WebggufError(
    "missing-part",
    `The model is split into ${count} files, of which ${given} ${given === 1 ? "was" : "were"} given. Missing: ${names}. Give all parts together.`,
  );
}

/** The name a part has by the convention `name-00001-of-00003.gguf`, told from that of a part at hand. */
function partName(ordered: readonly Part[], number: number, count: number): string {
  const name = ordered.find(Boolean)!.source.name;
  const pad = (value: number) => String(value).padStart(5, "0");
  const match = /^(.*)-\d{5}-of-\d{5}\.gguf$/i.exec(name);
  return match ? `${match[1]}-${pad(number + 1)}-of-${pad(count)}.gguf` : `part ${number + 1} of ${count}`;
}

function splitCount({ source, header }: Part): number {
  const count = header.metadata.number("split.count") ?? 0;
  if (Number.isInteger(count) && count >= 0 && count <= MAX_PARTS) return count;
  throw new WebggufError("malformed", `${source.name}: split.count is ${count}, which is not a number of parts.`);
}

function kindOf(count: number): string {
  return count > 1 ? `one of ${count} parts` : "a whole model";
}
