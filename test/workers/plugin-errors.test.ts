import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { from, lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { importDataset } from '../../src/datasets/store/import.ts';
import {
  type Batch,
  type Dataset,
  type ImageItem,
  images,
  type PipelineOptions,
  pipeline,
  randomApply,
  randomOrder,
  randomResizedCrop,
  type Step,
  trainWith,
} from '../../src/index.ts';
import { renderSamples } from '../../src/preview/render.ts';
import { recheck } from '../../src/quarantine/recheck.ts';
import {
  type ReaderFault,
  refuses,
  throwsText,
  tripsInDraw,
  tripsInLower,
  withReaderFault,
} from '../support/buggy.ts';
import { folderOf } from '../support/folders.ts';
import { recordOf } from '../support/quarantine.ts';
import { patternItems } from '../support/raw-images.ts';

const LENGTH = 40;
const items = patternItems(LENGTH);
const substitute = { onError: 'substitute', maxBad: LENGTH } as const;

/** How far a stream came, and how it ended. */
async function endOf(dataset: Dataset, options: PipelineOptions, ...steps: Step[]) {
  const delivered: number[] = [];
  const replaced: Batch['substitutions'][number][] = [];
  try {
    const stream = pipeline(dataset, { batchSize: 8, seed: 1, epochs: 2, ...substitute, ...options });
    for await (const batch of stream.pipe(...steps, randomResizedCrop(8))) {
      delivered.push(batch.index);
      replaced.push(...batch.substitutions);
      batch.release();
    }
    return { delivered, replaced, error: undefined };
  } catch (error) {
    return { delivered, replaced, error: error as Error & { readonly cause: unknown } };
  }
}

const propertyOfNothing = "Cannot read properties of undefined (reading 'x')";
const here = (name: string) => fileURLToPath(new URL(`../support/${name}`, import.meta.url));

describe("a fault in an operator's code", () => {
  it.each([
    { operator: tripsInDraw, thrown: `TypeError: ${propertyOfNothing}` },
    { operator: tripsInLower, thrown: `TypeError: ${propertyOfNothing}` },
    { operator: throwsText, thrown: "threw 'no such table'" },
  ])(
    'stops the run at its place in the stream, by its name, and replaces no sample: $operator.definition.name',
    async ({ operator, thrown }) => {
      const expected = await endOf(images(items), { workers: 0 }, operator());
      const { name } = operator.definition;
      const { error } = expected;
      expect(error).toMatchObject({ name: 'PluginError', code: 'OPERATOR_FAILED', operator: name });
      expect(error).toMatchObject({ sample: expect.stringMatching(/^pattern-\d+$/) });
      const { sample } = error as unknown as { readonly sample: string };
      expect(error?.message).toBe(
        `${name}: ${thrown} (sample ${sample}): a fault in the code of this operator, not in the data`,
      );
      expect(expected.replaced).toEqual([]);
      for (const workers of [1, 2]) {
        const { delivered, error: other } = await endOf(images(items), { workers }, operator());
        expect({ delivered, message: other?.message }).toEqual({
          delivered: expected.delivered,
          message: error?.message,
        });
      }
    },
  );

  it.each([0, 2])(
    'names the operator and the sample inside a combinator too, with %i workers',
    async (workers) => {
      for (const operator of [tripsInDraw, tripsInLower, throwsText]) {
        const within = randomOrder([randomApply([operator()], { probability: 1 })]);
        const { error } = await endOf(images(items), { workers }, within);
        const { name } = operator.definition;
        expect(error).toMatchObject({ name: 'PluginError', operator: name });
        const message = new RegExp(
          `^${name}: .* \\(sample pattern-\\d+\\): a fault in the code of this operator`,
        );
        expect(error?.message).toMatch(message);
      }
    },
  );

  it.each([0, 2])('keeps what was thrown as its cause, with %i workers', async (workers) => {
    const { error } = await endOf(images(items), { workers }, tripsInDraw());
    expect(error?.cause).toBeInstanceOf(Error);
    const stack = expect.stringContaining('buggy');
    expect(error?.cause).toMatchObject({ name: 'TypeError', message: propertyOfNothing, stack });
  });

  it.each([0, 2])('is not what it says of a sample by a DataError, with %i workers', async (workers) => {
    const { error, replaced } = await endOf(images(items), { workers }, refuses());
    expect(error).toBe(undefined);
    expect(replaced.length).toBeGreaterThan(0);
    for (const substitution of replaced)
      expect(substitution).toMatchObject({
        ...{ code: 'TOO_BLURRED', operator: 'refuses' },
        message: `${substitution.key}: refuses: the image is too blurred`,
      });
  });

  it('stops a stream whose size it decides, and a preview that leaves out bad samples', async () => {
    const stops = { name: 'PluginError', code: 'OPERATOR_FAILED' };
    const equal = images(items.map(({ key = '' }): ImageItem => ({ ...(items[0] as ImageItem), key })));
    const whole = pipeline(equal, { ...substitute, workers: 0, batchSize: 8 }).pipe(tripsInDraw());
    await expect(lastValueFrom(from(whole))).rejects.toMatchObject(stops);
    const shown = {
      ...{ backend: 'cpu' as const, steps: [tripsInDraw()], seed: 1, batchSize: 8 },
      ...{ samples: LENGTH, versions: 4, cell: 48 },
      onBadSample: () => {},
    } as const;
    await expect(renderSamples(images(items), shown)).rejects.toMatchObject(stops);
  });
});

describe("a fault in the code of a dataset's reader", () => {
  it.each<[ReaderFault, string]>([
    ['throws', `TypeError: ${propertyOfNothing}`],
    ['rejects', `TypeError: ${propertyOfNothing}`],
    ['throws text', "threw 'no such table'"],
    ['gives nothing', 'TypeError: read must give a Buffer'],
    ['gives nothing later', 'TypeError: read must give a Buffer'],
    ['gives a list', 'TypeError: read must give a Buffer'],
  ])('stops the run by its name, where it %s', async (fault, thrown) => {
    for (const workers of [0, 2]) {
      const { error, replaced } = await endOf(withReaderFault(items, 5, fault), { workers });
      expect(error).toMatchObject({ name: 'PluginError', code: 'READER_FAILED', sample: 'pattern-5' });
      expect(error?.message).toContain(`${here('buggy.js')}: ${thrown}`);
      expect(error?.message).toContain('(sample pattern-5): a fault in the code of this reader');
      expect(replaced).toEqual([]);
    }
  });

  it.each<[ReaderFault, string]>([
    ['refuses the sample', 'TOO_BLURRED'],
    ['cannot read the file', 'READ_FAILED'],
    ['cannot read the file later', 'READ_FAILED'],
  ])('is not that it %s', async (fault, code) => {
    for (const workers of [0, 2]) {
      const { error, replaced } = await endOf(withReaderFault(items, 5, fault), { workers });
      expect(error).toBe(undefined);
      expect(new Set(replaced.map((one) => `${one.key} ${one.code}`))).toEqual(
        new Set([`pattern-5 ${code}`]),
      );
    }
  });

  it('stops what tries samples again, and an import', async () => {
    const dataset = withReaderFault(items, 5, 'rejects');
    const stops = { name: 'PluginError', code: 'READER_FAILED', sample: 'pattern-5' };
    const records = [recordOf('pattern-5')];
    await expect(recheck(records, [dataset], { workers: 1 })).rejects.toMatchObject(stops);
    const path = join(folderOf(), 'a.lmdb');
    await expect(importDataset(dataset, path, { workers: 1 })).rejects.toMatchObject(stops);
  });
});

describe("a fault in a dataset's code", () => {
  const wrong = (fault: () => never) => ({
    ...images(items),
    locator: (index: number) => (index === 5 ? fault() : images(items).locator(index)),
  });

  it.each([0, 2])('stops the run at its place in the stream, with %i workers', async (workers) => {
    const dataset = wrong(() => (undefined as never as { x: never }).x);
    const { error, replaced } = await endOf(dataset, { workers });
    expect(error).toMatchObject({
      ...{ name: 'PluginError', code: 'DATASET_FAILED', cause: { name: 'TypeError' } },
      message: `images(40): locator(5): TypeError: ${propertyOfNothing}: a fault in the code of this dataset, not in the data`,
    });
    expect(replaced).toEqual([]);
  });

  it.each([0, 2])('is not what it says of a sample by a DataError, with %i workers', async (workers) => {
    const { DataError } = await import('../../src/index.ts');
    const dataset = wrong(() => {
      throw new DataError('NOT_LISTED', 'it is in no list');
    });
    const { error, replaced } = await endOf(dataset, { workers });
    expect(error).toBe(undefined);
    expect(new Set(replaced.map(({ key, code }) => `${key} ${code}`))).toEqual(
      new Set(['pattern-5 NOT_LISTED']),
    );
  });

  it('stops the run where it is in what tells the place of a bad sample', async () => {
    const place = () => (undefined as never as { x: never }).x;
    const dataset = { ...withReaderFault(items, 5, 'refuses the sample'), place };
    const { error } = await endOf(dataset, { workers: 0, quarantine: join(folderOf(), 'q.jsonl') });
    expect(error).toMatchObject({ name: 'PluginError', code: 'DATASET_FAILED' });
  });

  it('stops its identity, where a file that cannot be read does not', async () => {
    const of = (byteLength: Dataset['byteLength']) =>
      pipeline({ ...images(items), byteLength }, { workers: 0 })
        .pipe(randomResizedCrop(8))
        .identity();
    const trips = async () => (undefined as never as { x: number }).x;
    await expect(of(trips)).rejects.toMatchObject({ name: 'PluginError', code: 'DATASET_FAILED' });
    const gone = async () => {
      throw Object.assign(new Error('ENOENT: no such file'), { errno: -2, code: 'ENOENT', syscall: 'stat' });
    };
    await expect(of(gone)).resolves.toMatchObject({ digest: expect.any(String) });
  });
});

describe("a fault in a trainer's code", () => {
  it('stops training by its name', async () => {
    const trainer = Object.freeze({
      name: 'mine',
      prepare: async () => {},
      trainStep: async ({ index }: Batch) => ({
        loss: index === 2 ? (undefined as never as { x: number }).x : 0,
      }),
      evaluateStep: async () => ({ lossSum: 0, top1: 0, top5: 0, rows: 0 }),
      state: async () => ({ weights: {}, optimizer: {} }),
      load: async () => {},
      close: async () => {},
    });
    const stream = pipeline(images(items), { batchSize: 8, workers: 0, ...substitute }).pipe(
      randomResizedCrop(8),
    );
    await expect(lastValueFrom(from(stream).pipe(trainWith(trainer)))).rejects.toMatchObject({
      ...{ name: 'PluginError', code: 'TRAINER_FAILED', cause: { name: 'TypeError' } },
      message: `mine: trainStep: TypeError: ${propertyOfNothing} (batch 2 of epoch 0): a fault in the code of this trainer, not in the data`,
    });
  });
});
