/** Shares of the chroma samples in a colour, in fractions of 2 ** bits. */
interface Tables {
  readonly bits: number;
  readonly redOfCr: Int32Array;
  readonly greenOfCb: Int32Array;
  readonly greenOfCr: Int32Array;
  readonly blueOfCb: Int32Array;
}

const table = (share: (chroma: number) => number): Int32Array =>
  Int32Array.from({ length: 256 }, (_, i) => Math.trunc(share(i - 128)));

/** ConvertYCbCr.c: each share is rounded to 6 bits. */
export const pillowTables: Tables = {
  bits: 6,
  redOfCr: table((cr) => 1.402 * cr * 64 + 0.5),
  greenOfCb: table((cb) => -0.34414 * cb * 64 + 0.5),
  greenOfCr: table((cr) => -0.71414 * cr * 64 + 0.5),
  blueOfCb: table((cb) => 1.772 * cb * 64 + 0.5),
};

/** tif_color.c, with the weights and the range that hold where a file declares none: 16 bits, rounded at the end. */
export const libtiffTables: Tables = {
  bits: 16,
  redOfCr: table((cr) => 91_881 * cr + 32_768),
  greenOfCb: table((cb) => -22_553 * cb + 32_768),
  greenOfCr: table((cr) => -46_802 * cr),
  blueOfCb: table((cb) => 116_130 * cb + 32_768),
};

/** YCbCr to packed RGB, `step` samples per pixel. */
export function convertYCbCr(samples: Uint8Array, step: number, tables: Tables, rgb: Buffer): void {
  const { bits, redOfCr, greenOfCb, greenOfCr, blueOfCb } = tables;
  for (let from = 0, to = 0; to < rgb.length; from += step, to += 3) {
    const y = samples[from] as number;
    const cb = samples[from + 1] as number;
    const cr = samples[from + 2] as number;
    rgb[to] = clip(y + ((redOfCr[cr] as number) >> bits));
    rgb[to + 1] = clip(y + (((greenOfCb[cb] as number) + (greenOfCr[cr] as number)) >> bits));
    rgb[to + 2] = clip(y + ((blueOfCb[cb] as number) >> bits));
  }
}

const clip = (value: number): number => Math.max(0, Math.min(255, value));
