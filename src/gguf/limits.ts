/**
 * Bounds on what a header may ask for. Each lies far above any published model; they keep a damaged or hostile file
 * from making the reader allocate much more than the header's own size.
 */

/** The largest headers in the field (260,000 tokens with merges) take about 16 MB. */
export const MAX_HEADER_BYTES = 128 * 2 ** 20;

/** Mixtures with one tensor per expert and matrix reach about 50,000. */
export const MAX_TENSORS = 2 ** 17;

export const MAX_KEYS = 2 ** 16;

/** The specification's bound for keys; tensor names are held to the same. */
export const MAX_NAME_BYTES = 2 ** 16 - 1;

/** Elements that become JavaScript values one by one: those of bool, 64-bit integer and nested arrays, all together. */
export const MAX_BOXED_ELEMENTS = 2 ** 20;

export const MAX_ARRAY_DEPTH = 8;

export const MAX_DIMENSIONS = 4;

/** Tensor data that would end past this is damage, not a file cut short. */
export const MAX_FILE_BYTES = 2 ** 44;

/** The first slice read: it holds most headers whole (150,000 tokens with merges take 6 MB). Each next one doubles it. */
export const FIRST_SLICE_BYTES = 8 * 2 ** 20;

/** What may be kept of bytes read past the header, rather than copy the header out. */
export const SPARE_BYTES = 4 * 2 ** 20;
