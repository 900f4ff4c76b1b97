/** Coefficients in 32.32 fixed point, each a pair of words (high, low): coordinates.ts. */
export function coefficient(words: usize, index: i32): i64 {
  const at = words + (index << 3);
  return ((<i64>load<i32>(at)) << 32) | load<u32>(at, 4);
}

/** Whether a coordinate has no fraction at any pixel; its coefficients begin at `first`. */
export function isWholeEverywhere(words: usize, first: i32): bool {
  const all = coefficient(words, first) | coefficient(words, first + 1) | coefficient(words, first + 2);
  return <u32>all == 0;
}

export function clamp(value: i32, maximum: i32): i32 {
  return max(0, min(maximum, value));
}
