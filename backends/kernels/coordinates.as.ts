/** Coefficients in 32.32 fixed point, each a pair of words (high, low): coordinates.ts. */
export function coefficient(words: usize, index: i32): i64 {
  const at = words + (index << 3);
  return ((<i64>load<i32>(at)) << 32) | load<u32>(at, 4);
}

/**
 * Whether a coordinate, whose coefficients begin at `first`, has no fraction at any pixel. `unit` is the last bit that a
 * kernel takes of a fraction: what its start holds below does not count.
 */
export function isWholeEverywhere(words: usize, first: i32, unit: u32): bool {
  const steps = coefficient(words, first) | coefficient(words, first + 1);
  return <u32>steps == 0 && <u32>coefficient(words, first + 2) < unit;
}

export function clamp(value: i32, maximum: i32): i32 {
  return max(0, min(maximum, value));
}
