import spec from "../../../wasm/records.json" with { type: "json" };
import { WebggufError } from "../../core/errors.ts";

/** Records of the program, as wasm/records.json describes them: eight bytes a field, a code and a length in front. */
export type StepName = keyof typeof spec.steps;
export type RowOpName = keyof typeof spec.row_ops;
export interface RecordData {
  readonly name: StepName | RowOpName;
  readonly fields: Readonly<Record<string, number>>;
}

const SLOT = 8;
const STEPS: Record<string, string[]> = spec.steps;
const ROW_OPS: Record<string, string[]> = spec.row_ops;

function layoutOf(name: string): { code: number; fields: string[] } {
  const table = name in STEPS ? STEPS : ROW_OPS;
  return { code: Object.keys(table).indexOf(name), fields: table[name] };
}

export function recordBytes(name: StepName | RowOpName): number {
  return (2 + layoutOf(name).fields.length) * SLOT;
}

/** Writes one record; every field must be given, and no other. */
export function writeRecord(view: DataView, address: number, { name, fields }: RecordData): void {
  const layout = layoutOf(name);
  view.setBigInt64(address, BigInt(layout.code), true);
  view.setBigInt64(address + SLOT, BigInt(layout.fields.length + 2), true);
  writeFields(view, address + 2 * SLOT, layout.fields, fields);
}

export const CONTROL_FIELDS: readonly string[] = spec.control;

const CONTROL_OFFSETS = new Map(CONTROL_FIELDS.map((field, index) => [field.split(":")[0], index * SLOT]));

/** Writes some fields of the control record that starts at `address`. */
export function writeControl(view: DataView, address: number, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) setControl(view, address, name, value);
}

/** Writes one field of the control record: a whole number from 0. Allocates nothing, so that a step of decoding does not. */
export function setControl(view: DataView, address: number, name: string, value: number): void {
  const offset = CONTROL_OFFSETS.get(name);
  if (offset === undefined) throw new WebggufError("internal", `The control record has no field "${name}".`);
  if (!(value >= 0)) throw new WebggufError("internal", `Field "${name}" is missing.`);
  view.setUint32(address + offset, value >>> 0, true);
  view.setUint32(address + offset + 4, Math.floor(value / 2 ** 32), true);
}

function writeFields(view: DataView, address: number, layout: readonly string[], fields: Record<string, number>): void {
  let at = address;
  for (const field of layout) {
    const [name, kind] = field.split(":");
    const value = fields[name];
    if (value === undefined || Number.isNaN(value)) throw new WebggufError("internal", `Field "${name}" is missing.`);
    if (kind === "f") view.setFloat64(at, value, true);
    else view.setBigInt64(at, BigInt(value), true);
    at += SLOT;
  }
}
