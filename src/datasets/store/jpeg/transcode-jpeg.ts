import { DEFAULT_MAX_PIXELS } from '../../../../backends/decode/decode.ts';
import { readHeader } from '../../../../backends/decode/header.ts';
import type { ImageHeader } from '../../../../backends/decode/image-header.ts';
import type { IntervalJpeg } from '../../../../backends/decode/interval-jpeg.ts';
import { DataError } from '../../../core/errors.ts';
import type { Frame } from './frame.ts';
import { optimalCode } from './huffman-code.ts';
import { writeHeader } from './interval-header.ts';
import { writeIntervals } from './interval-writer.ts';
import { NotTranscodable, refuseIf } from './not-transcodable.ts';
import { readCoefficients } from './read-coefficients.ts';
import { checkSamePixels } from './same-pixels.ts';
import { toSymbols } from './symbols.ts';

export interface TranscodeOptions {
  /** Larger images are not transcoded: twice their pixels and all coefficients are held. Default: that of `decode`. */
  readonly maxPixels?: number;
  /** MCUs an interval, as near as what divides a row comes. More: smaller files, larger steps. Default 2.5. */
  readonly mcusPerInterval?: number;
}

/** bench/results has the trade between size and speed: 2 of 32, 3 of 63, 5 of 125 MCUs a row. */
const DEFAULT_INTERVAL = 2.5;

/** A record has a byte for it. */
const MOST_PER_INTERVAL = 255;

/** Positions are counted in bits, in 32 of them. */
const MOST_BYTES = 2 ** 27;

/**
 * Codes a JPEG's coefficients anew, unchanged, as baseline with a restart marker every few MCUs, so that a part of the
 * image can be decoded alone. Gives a short reason where the file must be stored as it is: it is coded in a way that is not
 * read here, is damaged, or would decode to other pixels. Never throws because of the bytes.
 *
 * What decides the pixels and the EXIF orientation are kept; colour profile, thumbnails, comments and all other
 * metadata are dropped.
 */
export function transcodeJpeg(
  bytes: Buffer,
  options: TranscodeOptions = {},
): { jpeg: IntervalJpeg } | { reason: string } {
  try {
    return { jpeg: transcode(bytes, options) };
  } catch (error) {
    if (error instanceof NotTranscodable) return { reason: error.message };
    if (error instanceof DataError) return { reason: 'damaged: header, or not an image' };
    // all readers of segments throw it at the end of the file
    if (error instanceof RangeError) return { reason: 'damaged: ends too early' };
    throw error;
  }
}

function transcode(
  bytes: Buffer,
  { maxPixels = DEFAULT_MAX_PIXELS, mcusPerInterval: wanted = DEFAULT_INTERVAL }: TranscodeOptions,
): IntervalJpeg {
  refuseIf(bytes.length > MOST_BYTES, 'more than 128 MiB');
  const header = readHeader(bytes);
  checkHeader(header, maxPixels);
  const coefficients = readCoefficients(bytes, header);
  const { frame } = coefficients;
  const mcusPerInterval = chooseInterval(frame, wanted);
  const stream = toSymbols(frame, mcusPerInterval, bytes.length);
  const codes = Array.from({ length: frame.components.length === 1 ? 2 : 4 }, (_, i) =>
    optimalCode(stream.frequencies.subarray(i * 256, (i + 1) * 256)),
  );
  const written = writeIntervals(stream, codes);
  const { orientation } = header;
  const { bytes: headerBytes, frameSizeOffset } = writeHeader(
    coefficients,
    codes,
    mcusPerInterval,
    orientation,
  );
  const jpeg: IntervalJpeg = {
    bytes: Buffer.concat([headerBytes, written.bytes]),
    headerBytes: headerBytes.length,
    frameSizeOffset,
    width: frame.width,
    height: frame.height,
    mcu: frame.mcu,
    mcusPerInterval,
    intervalEnds: written.intervalEnds,
    orientation,
  };
  checkSamePixels(bytes, jpeg);
  return jpeg;
}

/** Refuses what the header tells cannot be transcoded. */
function checkHeader({ format, width, height, jpeg }: ImageHeader, maxPixels: number): void {
  if (jpeg === undefined) throw new NotTranscodable(format);
  refuseIf(jpeg.coding === 'arithmetic', 'arithmetic coding');
  refuseIf(jpeg.process === 'lossless' || jpeg.process === 'hierarchical', `${jpeg.process} process`);
  refuseIf(jpeg.bitsPerSample !== 8, `${jpeg.bitsPerSample} bits a sample`);
  refuseIf(jpeg.components !== 1 && jpeg.components !== 3, `${jpeg.components} components`);
  refuseIf(width * height > maxPixels, `more than ${maxPixels} pixels`);
}

/** Of the numbers that divide a row, the one with the smallest ratio to what is wanted. */
function chooseInterval({ mcus }: Frame, wanted: number): number {
  const distance = (count: number) => Math.abs(Math.log(count / wanted));
  let best = 1;
  for (let count = 2; count <= Math.min(mcus.width, MOST_PER_INTERVAL); count++)
    if (mcus.width % count === 0 && distance(count) < distance(best)) best = count;
  return best;
}
