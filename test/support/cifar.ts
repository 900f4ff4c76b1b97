/** A file of images in the binary version of CIFAR: with the classes given before each, whose pixel p is (x, 2x, 3x) of x = p + index. */
export const cifarOf = (classes: readonly (readonly number[])[]): Buffer =>
  Buffer.concat(classes.flatMap((bytes, index) => [Uint8Array.from(bytes), ...planesOf(index)]));

const PLANE = 1024;

const planesOf = (index: number): Uint8Array[] =>
  [1, 2, 3].map((factor) => Uint8Array.from({ length: PLANE }, (_, pixel) => factor * (pixel + index)));

/** The same image as RGB. */
export const cifarPixels = (index: number): Uint8Array =>
  Uint8Array.from({ length: 3 * PLANE }, (_, at) => ((at % 3) + 1) * (Math.floor(at / 3) + index));
