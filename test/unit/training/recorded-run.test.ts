import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { saveCheckpoint } from '../../../src/trainers/checkpoint.ts';
import { recordedStep } from '../../../src/training/recorded-run.ts';
import { folderOf } from '../../support/folders.ts';

const flags = { batchSize: 4 };
const data = { path: '/photos', split: 'train', name: 'photos', length: 14 };
const begin = (digest: string, place?: object) => ({
  ...(place === undefined ? { 'run.started': 'now' } : { 'run.resumed': 'now' }),
  ...{ 'run.flags': flags, 'run.data': data, 'pipeline.digest': digest },
  'run.place': place ?? { step: 0, epoch: 0, batch: 0 },
});
const steps = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ step: from + i, 'train.loss': from }));

/** The step as these records have it: which run made it, and where in the stream. */
async function find(records: readonly object[], step?: number) {
  const folder = folderOf({
    'metrics.jsonl': records.map((record) => `${JSON.stringify(record)}\n`).join(''),
  });
  const { run, place, metrics, path } = await recordedStep(folder, 'metrics.jsonl', step);
  expect(path).toBe(join(folder, 'metrics.jsonl'));
  return { digest: run.pipelineDigest, ...place, loss: metrics?.['train.loss'] };
}

describe('a step of a run', () => {
  // three batches an epoch: the last two of 14 samples are left out
  const one = [begin('first'), ...steps(0, 7)];
  const resumed = [...one, begin('second', { step: 6, epoch: 2, batch: 0 }), ...steps(6, 10)];

  it('is a batch of an epoch by the count of batches an epoch has', async () => {
    expect(await find(one, 0)).toEqual({ digest: 'first', step: 0, epoch: 0, batch: 0, loss: 0 });
    expect(await find(one, 5)).toMatchObject({ epoch: 1, batch: 2 });
    expect(await find(one, 6)).toMatchObject({ epoch: 2, batch: 0 });
  });

  it('has the rows of all parts, so that an epoch has fewer', async () => {
    const inParts = { ...begin('parts'), 'run.flags': { batchSize: 4, parts: 2 } };
    expect(await find([inParts, ...steps(0, 4)], 2)).toMatchObject({ epoch: 2, batch: 0 });
  });

  it('is the last one where none is named', async () => {
    expect(await find(one)).toMatchObject({ step: 7, epoch: 2, batch: 1 });
    expect(await find(resumed)).toMatchObject({ digest: 'second', step: 10, epoch: 3, batch: 1 });
  });

  it('is not there where the system does not give the file', async () => {
    const link = join(folderOf(), 'metrics.jsonl');
    symlinkSync('metrics.jsonl', link);
    const error = {
      name: 'DataError',
      message: expect.stringMatching(/metrics.jsonl: .* cannot be read: ELOOP/),
    };
    await expect(recordedStep(link, 'metrics.jsonl', 0)).rejects.toMatchObject(error);
  });

  it('belongs to the latest run that made it', async () => {
    expect(await find(resumed, 5)).toMatchObject({ digest: 'first', loss: 0 });
    expect(await find(resumed, 6)).toMatchObject({ digest: 'second', epoch: 2, batch: 0, loss: 6 });
    const stopped = [...one, begin('second', { step: 3, epoch: 1, batch: 0 }), ...steps(3, 4)];
    expect(await find(stopped, 4)).toMatchObject({ digest: 'second', epoch: 1, batch: 1 });
    expect(await find(stopped, 7)).toMatchObject({ digest: 'first', epoch: 2, batch: 1 });
  });

  it('is counted from where its run began, also where that is not the beginning of the file', async () => {
    const later = [begin('moved', { step: 100, epoch: 40, batch: 2 }), ...steps(100, 103)];
    expect(await find(later, 101)).toMatchObject({ epoch: 41, batch: 0 });
    await expect(find(later, 99)).rejects.toThrow('its steps are 100 to 103, got 99');
  });

  it('is of the latest training in the file', async () => {
    const again = [...one, begin('other'), ...steps(0, 1)];
    expect(await find(again, 1)).toMatchObject({ digest: 'other' });
    await expect(find(again, 5)).rejects.toThrow('its steps are 0 to 1, got 5');
  });

  it('has the digest of the dataset from the beginning of its run, or from its end', async () => {
    const digestOf = async (records: readonly object[]) => {
      const folder = folderOf({
        'metrics.jsonl': records.map((record) => JSON.stringify(record)).join('\n'),
      });
      return (await recordedStep(folder, 'metrics.jsonl', 0)).run.datasetDigest;
    };
    expect(await digestOf(one)).toBeUndefined();
    expect(await digestOf([...one, { 'dataset.digest': 'late' }])).toBe('late');
    expect(await digestOf([{ ...begin('first'), 'dataset.digest': 'early' }, ...steps(0, 1)])).toBe('early');
  });

  it('is none where the run has made none', async () => {
    await expect(find([begin('new')])).rejects.toThrow('the run has made no step yet');
  });
});

describe('a record of version 0.1', () => {
  const photos = { path: '/photos', split: 'train', name: 'imageFolder(/photos)', length: 768 } as const;
  const expected = {
    model: { variant: 'nano', width: 0.5 },
    stream: {
      backend: 'gpu',
      batchSize: 16,
      seed: 3,
      onError: 'substitute',
      maxBad: 7,
      sampleTimeoutMs: 60_000,
    },
    recipe: { interpolation: 'bicubic', augmentation: 'autoaugment', mixup: 0.2, imageSize: 32 },
    optimizer: { labelSmoothing: 0.1, rmspropEpsilon: 0.01, emaDecay: 0.9 },
    schedule: { epochs: 3, base: 0.08, schedule: 'cosine' },
  };

  it('is read from metrics, which say flags by their names in code', async () => {
    const flags = {
      ...{ raportFile: 'metrics.jsonl', arch: 'efficientnet-nano', width: 0.5, trainer: 'tfjs', epochs: 3 },
      ...{ lr: 0.08, lrSchedule: 'cosine', optimizerBatchSize: -1, rmspropEps: 0.01, labelSmoothing: 0.1 },
      ...{
        runEpochs: 1,
        prof: -1,
        checkpointSteps: -1,
        dataBackend: 'gpu',
        batchSize: 16,
        prefetch: 2,
        seed: 3,
      },
      ...{ onError: 'substitute', maxBad: '7', sampleTimeout: 60, interpolation: 'bicubic', mixup: 0.2 },
      ...{ augmentation: 'autoaugment', imageSize: 32, preset: 'efficientnet-b0', useEma: 0.9, quiet: true },
      printFreq: 20,
    };
    const start = {
      ...{ 'run.started': 'then', 'run.flags': flags, 'run.data': photos, 'pipeline.digest': 'abc' },
      'run.place': { step: 0, epoch: 0, batch: 0 },
    };
    const lines = [start, { step: 0 }].map((record) => JSON.stringify(record));
    const folder = folderOf({ 'metrics.jsonl': `${lines.join('\n')}\n` });
    const { run } = await recordedStep(folder, 'metrics.jsonl', undefined);
    expect(run.options).toMatchObject(expected);
    expect(run.options.rowsPerUpdate).toBeUndefined();
  });

  it('is read from checkpoints, which say them as they are typed, and any backend that reads', async () => {
    const settings = {
      ...{ arch: 'efficientnet-nano', width: 0.5, epochs: 3, lr: 0.08, 'lr-schedule': 'cosine' },
      ...{ 'rmsprop-eps': 0.01, 'label-smoothing': 0.1, 'data-backend': 'any that reads', 'batch-size': 16 },
      ...{ seed: 3, 'on-error': 'substitute', interpolation: 'bicubic', augmentation: 'autoaugment' },
      ...{ mixup: 0.2, 'image-size': 32, 'use-ema': 0.9 },
    };
    const training = {
      state: { cursor: { step: 48, epoch: 1, batch: 0, isEpochOver: false } },
      identity: { settings, dataset: { name: 'photos', length: 768, digest: 'd' }, pipelineDigest: 'abc' },
      data: { ...photos, exclude: ['/bad.jsonl'] },
    };
    const metadata = {
      ...{ format: 'millrace-checkpoint-1', model: '{"variant":"nano","classes":8}', classes: '["a"]' },
      ...{ imageSize: '32', interpolation: 'bicubic', training: JSON.stringify(training) },
    };
    const path = join(folderOf(), 'checkpoint.safetensors');
    await saveCheckpoint(path, { state: { weights: {}, optimizer: {} }, metadata });
    const { run } = await recordedStep(path, 'metrics.jsonl', undefined);
    const { backend: _, maxBad: _budget, sampleTimeoutMs: _timeout, ...stream } = expected.stream;
    expect(run.options).toMatchObject({ ...expected, stream, exclude: ['/bad.jsonl'] });
    expect(run.options.stream?.backend).toBeUndefined();
  });
});
