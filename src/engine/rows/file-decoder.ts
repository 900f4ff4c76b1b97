import { crc32 } from 'node:zlib';
import { type DecodeOptions, decodeImage } from '../../../backends/decode/decode.ts';
import { decodeTop, hasTop } from '../../../backends/decode/jpeg-top.ts';
import type { Box, Size } from '../../core/image.ts';

/**
 * Room for a checksum of each sample's file, to be shared by a run's threads. Of many samples it takes no memory before the
 * first file is decoded: the system gives what is written to.
 */
export const checksumsOf = (samples: number): SharedArrayBuffer => new SharedArrayBuffer(samples * 4);

/**
 * Decodes samples' files: whole, or, of a JPEG that the run has decoded whole before, down to the last row that is wanted.
 *
 * A part does not show whether the rest of the file is damaged. So libjpeg-turbo must have decoded the whole file without
 * complaint, and a checksum tells that it is still the same file; any other is decoded whole, and found bad or not as in
 * the first epoch.
 */
export class FileDecoder {
  readonly #options: DecodeOptions;
  /** By sample; 0: not decoded yet, or to be decoded whole always. */
  readonly #checksums: Uint32Array;

  constructor(options: DecodeOptions, checksums = new SharedArrayBuffer(0)) {
    this.#options = options;
    this.#checksums = new Uint32Array(checksums);
  }

  /** The part of the image that is decoded; rows from `bottom` on are not wanted. `size` is the image's. */
  decode(
    sampleId: number,
    file: Buffer,
    size: Size,
    bottom: number,
    allocate: (size: Size) => Buffer,
  ): Box | Promise<Box> {
    if (bottom < size.height && this.#isKnown(sampleId, file)) {
      const top = decodeTop(file, size, bottom, allocate);
      if (top !== undefined) return { left: 0, top: 0, ...top };
    }
    const decoding = decodeImage(file, this.#options, allocate);
    const whole = { left: 0, top: 0, ...size };
    if (decoding instanceof Promise) return decoding.then(() => whole);
    // a JPEG that libjpeg-turbo does not decode, or complains of, takes a promise
    if (this.#checksums[sampleId] === 0 && hasTop(file)) this.#checksums[sampleId] = crc32(file);
    return whole;
  }

  #isKnown(sampleId: number, file: Buffer): boolean {
    const known = this.#checksums[sampleId] ?? 0;
    if (known === 0) return false;
    const isSame = crc32(file) === known;
    if (!isSame) this.#checksums[sampleId] = 0;
    return isSame;
  }
}
