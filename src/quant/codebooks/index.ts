import { iq1SGrid } from "./iq1.ts";
import { iq2SGrid, iq2XsGrid, iq2XxsGrid } from "./iq2.ts";
import { iq3SGrid, iq3XxsGrid } from "./iq3.ts";
import { e2m1Doubled, evenSigns, iq4Values } from "./values.ts";

/** A table that decoders look values up in. */
export interface Codebook {
  readonly name: string;
  /** The table, one byte per component, vectors one after another; to be read only. */
  bytes(): Uint8Array;
}

const signed = (values: Int8Array) => new Uint8Array(values.buffer);

/**
 * Every codebook of the formats, once. A device keeps a copy and asks for nothing else; the position in this list is
 * the number by which `set_codebook` in wasm/decode.h knows a table.
 */
export const CODEBOOKS: readonly Codebook[] = [
  { name: "iq2_xxs_grid", bytes: iq2XxsGrid },
  { name: "iq2_xs_grid", bytes: iq2XsGrid },
  { name: "iq2_s_grid", bytes: iq2SGrid },
  { name: "iq3_xxs_grid", bytes: iq3XxsGrid },
  { name: "iq3_s_grid", bytes: iq3SGrid },
  { name: "iq1_s_grid", bytes: iq1SGrid },
  { name: "even_signs", bytes: evenSigns },
  { name: "iq4_values", bytes: () => signed(iq4Values()) },
  { name: "e2m1_doubled", bytes: () => signed(e2m1Doubled()) },
];
