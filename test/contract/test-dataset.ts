import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DataError, ParameterError } from '../../src/core/errors.ts';
import {
  type Dataset,
  datasetDigest,
  openReader,
  type Reader,
  type Source,
} from '../../src/datasets/dataset.ts';

/** A dataset under test, of four samples or more that differ. */
export interface DatasetUnderTest {
  /** Makes the data, where `isChanged` with one sample of another length, and returns what opens it. */
  readonly make: (isChanged: boolean) => Promise<() => Dataset | Promise<Dataset>>;
  /** What the dataset documents as a sample's length, where that is not what its reader gives. */
  readonly byteLength?: (index: number) => number;
  /** Removes the file of a sample, and returns its path. Left out: an open dataset needs no file. */
  readonly removeFile?: (dataset: Dataset, index: number) => string;
}

/** What every dataset promises, wherever its samples are. */
export function testDataset(name: string, { make, byteLength, removeFile }: DatasetUnderTest): void {
  describe(`dataset ${name}`, () => {
    const open = async (): Promise<Dataset> => (await make(false))();

    it('has keys that are texts, each once, and the same when they are asked for again', async () => {
      const reopen = await make(false);
      const dataset = await reopen();
      const keys = each(dataset, dataset.key);
      expect(keys.length).toBeGreaterThanOrEqual(4);
      expect(keys.every((key) => typeof key === 'string' && key !== '')).toBe(true);
      expect(new Set(keys).size).toBe(keys.length);
      expect(each(dataset, dataset.key)).toEqual(keys);
      const other = await reopen();
      expect(each(other, other.key)).toEqual(keys);
    });

    it('has labels that are classes, or -1', async () => {
      const dataset = await open();
      const labels = each(dataset, dataset.label);
      expect(labels.every((label) => Number.isInteger(label))).toBe(true);
      expect(Math.min(...labels)).toBeGreaterThanOrEqual(-1);
      expect(labels.some((label) => label >= 0)).toBe(dataset.classes.length > 0);
      expect(Math.max(...labels)).toBeLessThan(dataset.classes.length);
      expect(each(dataset, dataset.label)).toEqual(labels);
    });

    it('gives a sample the same when it is read again, and others for other samples', async () => {
      const dataset = await open();
      const samples = await readAll(dataset);
      expect(await readAll(dataset)).toEqual(samples);
      expect(new Set(samples).size).toBe(dataset.length);
    });

    it('gives the same in any order, also where samples are asked for in between', async () => {
      const dataset = await open();
      const samples = await readAll(dataset);
      const last = dataset.length - 1;
      const reader = await openReader(dataset.reader);
      for (const index of [last, 0, last, last, 1, 0, 2]) {
        const source = await reader.read(dataset.locator(index));
        // looked up while the image is in use, as the calling thread does
        for (let other = 0; other < dataset.length; other++) {
          dataset.key(other);
          dataset.locator(other);
        }
        expect(contentOf(source)).toEqual(samples[index]);
      }
      await reader.close();
    });

    it('gives the same to several readers whose reads alternate', async () => {
      const dataset = await open();
      const samples = await readAll(dataset);
      const readers = await Promise.all([1, 2, 3].map(() => openReader(dataset.reader)));
      for (let index = 0; index < dataset.length; index++) {
        const indices = readers.map((_, place) => (index + place) % dataset.length);
        // all sources are in use at once: no reader may have memory in common with another
        const sources = await Promise.all(
          readers.map((reader, place) => reader.read(dataset.locator(indices[place] as number))),
        );
        expect(sources.map(contentOf)).toEqual(indices.map((i) => samples[i]));
      }
      for (const reader of readers) await reader.close();
    });

    it('gives the same to reads that one reader is asked for at once', async () => {
      const dataset = await open();
      const samples = await readAll(dataset);
      const reader = await openReader(dataset.reader);
      expect(await Promise.all(each(dataset, (index) => readContent(reader, dataset, index)))).toEqual(
        samples,
      );
      await reader.close();
    });

    it('says how many bytes a sample has', async () => {
      const dataset = await open();
      const lengths = byteLength === undefined ? await lengthsRead(dataset) : each(dataset, byteLength);
      expect(await Promise.all(each(dataset, dataset.byteLength))).toEqual(lengths);
    });

    it('has the same digest when it is opened again, and another one when a sample changes', async () => {
      const reopen = await make(false);
      const digest = await datasetDigest(await reopen());
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
      expect(await datasetDigest(await reopen())).toBe(digest);
      expect(await datasetDigest(await (await make(true))())).not.toBe(digest);
    });

    it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 'length', '1', undefined])(
      'refuses the index %s, and names itself and what was expected',
      async (wrong) => {
        const dataset = await open();
        const index = (wrong === 'length' ? dataset.length : wrong) as number;
        const expected = `an integer of 0 or more and less than ${dataset.length}`;
        const error = new ParameterError(
          'INVALID_INDEX',
          `${dataset.name}: index must be ${expected}, got ${index}`,
        );
        const { key, label, locator, place } = dataset;
        for (const method of [key, label, locator, place])
          if (method !== undefined) expect(() => method(index)).toThrow(error);
        await expect(dataset.byteLength(index)).rejects.toThrow(error);
      },
    );

    it('can be closed twice, and refuses to read afterwards', async () => {
      const dataset = await open();
      const [reader, other] = [await openReader(dataset.reader), await openReader(dataset.reader)];
      const [locator, key] = [dataset.locator(0), dataset.key(0)];
      const expected = contentOf(await other.read(locator));
      await reader.read(locator);
      await Promise.all([reader.close(), reader.close()]);
      await reader.close();
      expect(() => reader.read(locator)).toThrow(expect.objectContaining({ code: 'READER_CLOSED' }));
      // closing one leaves the others, and the dataset, as they are
      expect(contentOf(await other.read(locator))).toEqual(expected);
      expect(dataset.key(0)).toBe(key);
      await other.close();
    });

    it('can be closed while it is read: the sample comes whole, or not at all', async () => {
      const dataset = await open();
      const expected = await readAll(dataset);
      const reader = await openReader(dataset.reader);
      const reads = each(dataset, (index) => readContent(reader, dataset, index));
      const closing = reader.close();
      for (const [index, read] of (await Promise.allSettled(reads)).entries())
        if (read.status === 'fulfilled') expect(read.value).toEqual(expected[index]);
        else expect(read.reason).toBeInstanceOf(Error);
      await closing;
    });

    it('crosses to other threads as plain data: its reader, and what finds each sample', async () => {
      const dataset = await open();
      const { reader, locators } = structuredClone({
        reader: dataset.reader,
        locators: each(dataset, dataset.locator),
      });
      const there = { ...dataset, reader, locator: (index: number) => locators[index] };
      expect(await readAll(there)).toEqual(await readAll(dataset));
    });

    it.runIf(removeFile !== undefined)('names the file that has gone since it was opened', async () => {
      const dataset = await open();
      const locator = dataset.locator(1);
      const path = removeFile?.(dataset, 1) as string;
      const error = await failureOf(async () => (await openReader(dataset.reader)).read(locator));
      expect(error).toBeInstanceOf(DataError);
      const { message, sample } = error as DataError;
      expect(`${message} ${sample}`).toContain(path);
      expect(message).toContain('no such file');
    });
  });
}

const each = <T>({ length }: Dataset, ask: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => ask(index));

/** What every sample is, as a new reader gives it. */
async function readAll(dataset: Dataset): Promise<string[]> {
  const reader = await openReader(dataset.reader);
  const samples: string[] = [];
  for (let index = 0; index < dataset.length; index++)
    samples.push(await readContent(reader, dataset, index));
  await reader.close();
  return samples;
}

/** A source is valid until the next read only, which may begin before a promise of it is looked at. */
async function readContent(reader: Reader, dataset: Dataset, index: number): Promise<string> {
  const source = reader.read(dataset.locator(index));
  return source instanceof Promise ? source.then(contentOf) : contentOf(source);
}

/** All that a source holds, in few characters: its values, not how V8 keeps a number. */
function contentOf(source: Source): string {
  const hash = createHash('sha256');
  const add = (value: unknown): void => {
    if (ArrayBuffer.isView(value))
      hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    else if (value instanceof Object)
      for (const [name, one] of Object.entries(value)) {
        hash.update(`${name}:`);
        add(one);
      }
    else hash.update(`${value};`);
  };
  add(source);
  return hash.digest('hex');
}

/** Bytes of each sample as it is read, encoded or not. */
async function lengthsRead(dataset: Dataset): Promise<number[]> {
  const reader = await openReader(dataset.reader);
  const lengths: number[] = [];
  for (let index = 0; index < dataset.length; index++) {
    const source = await reader.read(dataset.locator(index));
    if ('intervalEnds' in source)
      throw new Error(`${dataset.name}: a part of a file is read: give byteLength`);
    lengths.push('data' in source ? source.data.length : source.length);
  }
  await reader.close();
  return lengths;
}

async function failureOf(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  throw new Error('expected an error, got none');
}
