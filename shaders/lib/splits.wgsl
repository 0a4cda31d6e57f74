// How one token's context falls into at most `splits` parts: whole times 32 positions, as many parts as that leaves.
override splits: u32 = 1u;

fn split_positions(visible: u32) -> u32 {
  let even = (visible + splits - 1u) / splits;
  return (even + 31u) / 32u * 32u;
}
