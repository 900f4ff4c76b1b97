import { readHeader } from '../../../backends/decode/header.ts';
import type { MarkItem } from '../../../backends/threads/thread-task.ts';
import { DataError, fromErrorRecord } from '../../core/errors.ts';
import type { RawImage, Size } from '../../core/image.ts';
import { sampleError } from '../../core/sample-error.ts';
import { checkRawImage, type Source } from '../dataset.ts';
import { SampleReader } from '../sample-reader.ts';
import type { ImportSetup, ImportTask, NewRecord } from './import-task.ts';
import { transcodeJpeg } from './jpeg/transcode-jpeg.ts';
import { encodeRecord, type StoredImage } from './record.ts';
import { reduceFile, reduceRaw } from './reduce.ts';

type Made = StoredImage & { readonly reason?: string };

/** Reads samples and makes records of them, on one thread. */
export class RecordMaker {
  readonly #setup: ImportSetup;
  readonly #reader: SampleReader;

  private constructor(setup: ImportSetup, reader: SampleReader) {
    this.#setup = setup;
    this.#reader = reader;
  }

  static async open(setup: ImportSetup): Promise<RecordMaker> {
    return new RecordMaker(setup, await SampleReader.open(setup.reader));
  }

  announce({ samples }: ImportTask): void {
    this.#reader.prefetch(samples);
  }

  async run({ samples }: ImportTask, mark: MarkItem): Promise<NewRecord[]> {
    const records: NewRecord[] = [];
    for (const [index, sample] of samples.entries()) {
      mark(index);
      try {
        const { reason, ...stored } = await this.#make(await this.#reader.read(sample));
        const record = encodeRecord(stored, sample.label);
        records.push({ record, kind: stored.kind, ...(reason !== undefined && { reason }) });
      } catch (error) {
        throw fromErrorRecord(sampleError(error, sample));
      }
    }
    return records;
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }

  async #make(source: Source): Promise<Made> {
    const { reduction, maxPixels } = this.#setup;
    if ('data' in source) {
      const image = checkRawImage(source);
      return storeRaw(reduction === undefined ? image : await reduceRaw(image, reduction));
    }
    const file = Buffer.isBuffer(source) ? source : source.bytes;
    const reduced = reduction && (await reduceFile(file, reduction, maxPixels));
    if (reduced !== undefined) return storeFile(reduced, maxPixels);
    return Buffer.isBuffer(source) ? storeFile(source, maxPixels) : { kind: 'intervals', jpeg: source };
  }
}

/** A damaged file is kept as it is: the store's stream then says of it what the source's would. */
function storeFile(file: Buffer, maxPixels: number): Made {
  const size = sizeOf(file);
  if (typeof size === 'string') return { kind: 'file', file, width: 0, height: 0, reason: size };
  if (size.format !== 'jpeg') return { kind: 'file', file, ...size, reason: size.format };
  const result = transcodeJpeg(file, { maxPixels });
  if ('jpeg' in result) return { kind: 'intervals', jpeg: result.jpeg };
  return { kind: 'file', file, ...size, reason: `jpeg, ${result.reason}` };
}

/** From the header, or why there is none. */
function sizeOf(file: Buffer): (Size & { format: string }) | string {
  try {
    const { width, height, format } = readHeader(file);
    return { width, height, format };
  } catch (error) {
    if (error instanceof DataError) return 'no image that can be read';
    throw error;
  }
}

function storeRaw(image: RawImage): Made {
  const { width, height, data } = image;
  const gray = grayOf(data);
  return { kind: 'raw', pixels: gray ?? data, channels: gray === undefined ? 3 : 1, width, height };
}

/** One channel, where all three are alike. */
function grayOf(rgb: Uint8Array): Uint8Array | undefined {
  const gray = new Uint8Array(rgb.length / 3);
  for (let from = 0, to = 0; to < gray.length; from += 3, to++) {
    const value = rgb[from] as number;
    if (rgb[from + 1] !== value || rgb[from + 2] !== value) return undefined;
    gray[to] = value;
  }
  return gray;
}
