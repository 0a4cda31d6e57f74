/**
 * Takes relaxed SIMD away from a script's thread, for browsers that have no switch for it: modules with its instructions
 * (0xfd, then 0x100 and more as two bytes) are not valid any more. Only the little modules by which the engine finds out
 * what there is are looked at; these hold the two bytes for nothing else.
 */
export const WITHOUT_RELAXED_SIMD = `WebAssembly.validate = ((validate) => (bytes) =>
  validate(bytes) && !new Uint8Array(bytes).some((byte, at, all) => byte === 0xfd && all[at + 1] >= 0x80 && all[at + 2] === 2)
)(WebAssembly.validate);
`;
