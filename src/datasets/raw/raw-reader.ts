import { DataError } from '../../core/errors.ts';
import type { RawImage } from '../../core/image.ts';
import type { Reader } from '../dataset.ts';
import type { FilePath } from '../opening/file-path.ts';
import { OpenFiles } from '../pieces/open-files.ts';
import { repeatGray } from '../repeat-gray.ts';
import { interleavePlanes } from './interleave-planes.ts';

/** How an image's values follow one another: gray ones, colours by pixel, or a plane of each colour. */
export type RawLayout = 'gray' | 'pixels' | 'planes';

/** Images of one size, u8, in files or in shared memory. */
export interface RawReaderOptions {
  /** The files that locators number. */
  readonly paths: readonly FilePath[];
  /** What is in the file instead where that is packed, on shared memory; then there is one file. */
  readonly unpacked?: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly layout: RawLayout;
}

/** Number of the file, and the image's first byte in it. */
export type RawLocator = readonly [file: number, offset: number];

export const rawImageBytes = ({ width, height, layout }: Omit<RawReaderOptions, 'paths'>): number =>
  width * height * (layout === 'gray' ? 1 : 3);

/** Gives images as RGB, in one buffer that is used again. */
export function openReader(options: RawReaderOptions): Reader {
  const { width, height, layout } = options;
  const { read, close } = openBytes(options);
  const rgb = layout === 'pixels' ? undefined : new Uint8Array(width * height * 3);
  const toRgb = layout === 'gray' ? repeatGray : interleavePlanes;
  return {
    read(locator): RawImage {
      const data = read(locator as RawLocator);
      if (rgb === undefined) return { data, width, height };
      toRgb(data, rgb);
      return { data: rgb, width, height };
    },
    close,
  };
}

/** What gives an image's bytes. */
interface OpenBytes {
  read(locator: RawLocator): Uint8Array;
  close(): void;
}

function openBytes(options: RawReaderOptions): OpenBytes {
  const length = rawImageBytes(options);
  const { unpacked, paths } = options;
  if (unpacked !== undefined)
    return { read: ([, offset]) => unpacked.subarray(offset, offset + length), close() {} };
  const buffer = Buffer.allocUnsafeSlow(length);
  const files = new OpenFiles(paths);
  return {
    read([file, offset]) {
      const count = files.read(file, buffer, length, offset);
      if (count === length) return buffer;
      const reason = `expected ${length} bytes at offset ${offset}, got ${count} (it had them when it was listed)`;
      throw new DataError('TRUNCATED_FILE', `${files.pathOf(file)}: is cut: ${reason}`);
    },
    close: () => files.close(),
  };
}

/** The reader of a dataset of such images. */
export const rawReader = (options: RawReaderOptions) => ({
  module: new URL('./raw-reader.js', import.meta.url).href,
  options,
});
