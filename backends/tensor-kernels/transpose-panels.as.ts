/**
 * Inputs first..end of weights in panels (panels.ts), of so many inputs and outputs, as weights whose outputs they are: in panels of
 * 8 inputs, [outputs, 8]; of 4 where that is what is left.
 */
export function transposePanels(
  panels: usize,
  inputs: usize,
  outputs: usize,
  first: usize,
  end: usize,
  out: usize,
): void {
  for (let input = first; input < end; input += 8) {
    const width = min<usize>(8, end - input);
    for (let output: usize = 0; output < outputs; output += 8) {
      const from = panels + output * inputs * 4;
      for (let i: usize = 0; i < width; i += 4) {
        const to = out + (output * width + i) * 4;
        if (output + 8 <= outputs) {
          transposeFour(from + (input + i) * 32, 32, to, width * 4);
          transposeFour(from + (input + i) * 32 + 16, 32, to + width * 16, width * 4);
        } else transposeFour(from + (input + i) * 16, 16, to, width * 4);
      }
    }
    out += outputs * width * 4;
  }
}

/** Four values each of four rows. Strides are bytes between rows. */
export function transposeFour(from: usize, stride: usize, to: usize, toStride: usize): void {
  const r0 = v128.load(from),
    r1 = v128.load(from + stride),
    r2 = v128.load(from + 2 * stride),
    r3 = v128.load(from + 3 * stride);
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5),
    high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7),
    low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5),
    high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
  v128.store(to + toStride, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
  v128.store(to + 2 * toStride, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
  v128.store(to + 3 * toStride, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
}
