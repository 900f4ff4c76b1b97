/** Writes `count` pixels of one colour, R | G << 8 | B << 16, and one byte beyond them. */
export function fillPixels(target: usize, count: i32, pixel: u32): void {
  const end = target + count * 3;
  for (let at = target; at < end; at += 3) store<u32>(at, pixel);
}
