import type { IntervalJpeg } from '../../../../backends/decode/interval-jpeg.ts';
import { decodeWithTurbo } from '../../../../backends/decode/turbo.ts';
import { refuseIf } from './not-transcodable.ts';
import { Scratch } from './scratch.ts';

const scratch = new Scratch();

/**
 * A store must give the pixels that the folder gives. A file on which libjpeg-turbo only warns is decoded by sharp,
 * with another DCT: it has to stay as it is.
 */
export function checkSamePixels(original: Buffer, { bytes, width, height }: IntervalJpeg): void {
  const size = width * height * 3;
  const memory = scratch.atLeast(2 * size);
  const expected = Buffer.from(memory, 0, size);
  const actual = Buffer.from(memory, size, size);
  refuseIf(!decodeWithTurbo(original, expected), 'libjpeg-turbo complains');
  refuseIf(!decodeWithTurbo(bytes, actual) || !expected.equals(actual), 'other pixels when coded anew');
}
