/** Which of four channels are classes: the others are padding. */
export function areClasses(channel: usize, classes: usize): v128 {
  const channels = i32x4.add(i32x4.splat(<i32>channel), i32x4(0, 1, 2, 3));
  return i32x4.lt_s(channels, i32x4.splat(<i32>classes));
}
