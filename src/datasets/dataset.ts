import { createHash } from 'node:crypto';
import type { RawImage } from '../core/image.ts';

/**
 * Where samples come from. A dataset lists its samples on the calling thread; worker threads read them through the
 * `reader` module, so that encoded bytes do not cross threads.
 */
export interface Dataset {
  /** For messages and `explain()`: `imageFolder(data/train)`. */
  readonly name: string;
  readonly length: number;
  /** Class names by label. */
  readonly classes: readonly string[];
  /** The sample's name in the dataset, the same on every machine: `cat/001.jpg`. */
  key(index: number): string;
  /** Class index; -1 for none. */
  label(index: number): number;
  /** What a reader needs to find the sample, as plain data (a path, a store key, shared bytes). */
  locator(index: number): unknown;
  /** Bytes of the encoded sample as it was first stored; part of the dataset's digest. */
  byteLength(index: number): Promise<number>;
  readonly reader: ReaderDescription;
}

/** A module that exports `openReader(options)`, and the options to call it with, as plain data. */
export interface ReaderDescription {
  readonly module: string;
  readonly options?: unknown;
}

/** An encoded file, or an image that needs no decoding. Valid until the next `read`. */
export type Source = Buffer | RawImage;

export interface Reader {
  read(locator: unknown): Source | Promise<Source>;
  close(): void | Promise<void>;
}

export async function openReader({ module, options }: ReaderDescription): Promise<Reader> {
  const { openReader: open }: { openReader(options: unknown): Reader | Promise<Reader> } = await import(
    module
  );
  return open(options);
}

const DIGEST_CONCURRENCY = 64;

/**
 * SHA-256 over the ordered (key, label, byte length) of all samples: the same for a folder and for a store imported
 * from it losslessly.
 */
export async function datasetDigest(dataset: Dataset): Promise<string> {
  const hash = createHash('sha256');
  for (let from = 0; from < dataset.length; from += DIGEST_CONCURRENCY) {
    const count = Math.min(DIGEST_CONCURRENCY, dataset.length - from);
    const indices = Array.from({ length: count }, (_, i) => from + i);
    const lengths = await Promise.all(indices.map((index) => dataset.byteLength(index)));
    for (const [i, index] of indices.entries())
      hash.update(`${JSON.stringify([dataset.key(index), dataset.label(index), lengths[i]])}\n`);
  }
  return hash.digest('hex');
}
