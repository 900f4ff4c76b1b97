import { constants, crc32, deflateSync } from 'node:zlib';
import type { Size } from '../../src/core/image.ts';

/** A PNG's stored samples, as packed rows before filtering, and how to write them. */
export interface PngSource extends Size {
  readonly bitsPerSample: number;
  readonly colourType: number;
  readonly rows: readonly Buffer[];
  readonly palette?: Buffer;
  /** More chunks between IHDR and PLTE, and between PLTE and the pixels. */
  readonly early?: readonly Buffer[];
  readonly late?: readonly Buffer[];
  /** The filter of each row, 0..4. */
  readonly filters: readonly number[];
  /** 0 stores; 'fixed' uses the fixed Huffman codes. */
  readonly level: number | 'fixed';
  readonly streams: number;
}

export const samplesPerPixel = [1, 0, 3, 1, 2, 0, 4] as const;
export const bitsPerPixel = (png: Pick<PngSource, 'bitsPerSample' | 'colourType'>): number =>
  png.bitsPerSample * (samplesPerPixel[png.colourType] as number);

/** Encodes a PNG with exactly these filters, of which real encoders choose few. */
export function encodePng(png: PngSource): Buffer {
  const step = Math.ceil(bitsPerPixel(png) / 8);
  const rows = png.rows.map((row, y) =>
    filterRow(row, png.rows[y - 1] ?? Buffer.alloc(row.length), png.filters[y] as number, step),
  );
  return assemblePng(png, deflate(Buffer.concat(rows), png.level));
}

/** A PNG around any zlib stream. */
export function assemblePng(png: PngSource, stream: Buffer): Buffer {
  const part = Math.ceil(stream.length / png.streams);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', headerOf(png)),
    ...(png.early ?? []),
    ...(png.palette ? [chunk('PLTE', png.palette)] : []),
    ...(png.late ?? []),
    ...Array.from({ length: png.streams }, (_, i) =>
      chunk('IDAT', stream.subarray(i * part, (i + 1) * part)),
    ),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

export function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4);
  return bytes;
}

function headerOf({ width, height, bitsPerSample, colourType }: PngSource): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bitsPerSample, colourType], 8);
  return header;
}

const deflate = (bytes: Buffer, level: PngSource['level']): Buffer =>
  level === 'fixed' ? deflateSync(bytes, { strategy: constants.Z_FIXED }) : deflateSync(bytes, { level });

/** The specification's formulas, with Paeth's predictor as it words it. */
function filterRow(row: Buffer, above: Buffer, filter: number, step: number): Buffer {
  const filtered = Array.from(row, (value, i) => {
    const left = row[i - step] ?? 0;
    const up = above[i] as number;
    const corner = above[i - step] ?? 0;
    const predictors = [0, left, up, Math.floor((left + up) / 2), paeth(left, up, corner)];
    return value - (predictors[filter] ?? 0);
  });
  return Buffer.from([filter, ...filtered]);
}

function paeth(left: number, above: number, corner: number): number {
  const distances = [left, above, corner].map((value) => Math.abs(left + above - corner - value));
  return [left, above, corner][distances.indexOf(Math.min(...distances))] as number;
}
