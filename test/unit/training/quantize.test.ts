import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { images } from '../../../src/datasets/memory/images.ts';
import { classify, evaluate, quantize } from '../../../src/jobs.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { initialWeights } from '../../../src/models/parameters.ts';
import { loadCheckpoint, saveCheckpoint } from '../../../src/trainers/checkpoint.ts';
import { toMetadata } from '../../../src/training/checkpoint-metadata.ts';
import type { QuantizeOptions } from '../../../src/training/quantize-options.ts';
import { coded } from '../../support/errors.ts';
import { folderOf } from '../../support/folders.ts';
import { observingTrainer } from '../../support/observing-trainer.ts';
import { photo } from '../../support/photos.ts';
import { patternItems } from '../../support/raw-images.ts';
import { countingTrainer } from '../../support/trainers.ts';

const data = images(patternItems(8).map((item, i) => ({ ...item, label: i % 2 })));
const model = efficientNet({ variant: 'nano', classes: 2, resolution: 16 });
const weights = initialWeights(model, 1);
const average = initialWeights(model, 2);

/** A checkpoint of a training that kept an average. */
async function checkpointIn(folder: string, classes: readonly string[] = ['0', '1']): Promise<string> {
  const path = join(folder, 'float.safetensors');
  const metadata = toMetadata({ model, classes, imageSize: 16, interpolation: 'bilinear' });
  await saveCheckpoint(path, { state: { weights, average, optimizer: {} }, metadata });
  return path;
}

async function options(more: Partial<QuantizeOptions> = {}): Promise<QuantizeOptions> {
  const folder = folderOf();
  return {
    ...{ checkpoint: await checkpointIn(folder), data, out: join(folder, 'int8.safetensors') },
    ...{ trainer: observingTrainer(), stream: { batchSize: 4, workers: 0 }, evaluation: { data } },
    ...more,
  };
}

async function quantized(): Promise<QuantizeOptions> {
  const asked = await options();
  await quantize(asked);
  return asked;
}

describe('quantize', () => {
  it('writes the weights as they are, ranges, and how they were chosen', async () => {
    const asked = await options({ quantization: { placement: 'tensorrt', method: 'mse', batches: 1 } });
    const quantized = await quantize(asked);
    const { state, metadata } = await loadCheckpoint(asked.out);
    expect(state.weights).toEqual(weights);
    expect(Object.keys(state).toSorted()).toEqual(['optimizer', 'quant', 'weights']);
    expect(metadata['training']).toBeUndefined();
    expect(JSON.parse(metadata['quantization'] as string)).toEqual(quantized.quantization);
    expect(quantized.quantization).toMatchObject({ placement: 'tensorrt', method: 'mse', batches: 1 });
    expect(quantized.quantization.percentile).toBeUndefined();
  });

  it('compares what it was with what it is, on val', async () => {
    const { accuracy, bytes, points } = await quantize(await options());
    expect(accuracy).toMatchObject({ float32: { top1: 1, images: 8 }, int8: { top1: 0.5, images: 8 } });
    expect(points).toBeGreaterThan(20);
    expect(bytes.int8 / bytes.float32).toBeLessThan(0.4);
  });

  it('says why it compares nothing', async () => {
    const { accuracy, notEvaluated } = await quantize(await options({ evaluation: {} }));
    expect(accuracy).toBeUndefined();
    expect(notEvaluated).toMatch(/no others are named|no other are named/);
  });

  it('tells its progress', async () => {
    const heard: string[] = [];
    await quantize(await options({ onProgress: (done, total) => heard.push(`${done}/${total}`) }));
    expect(heard).toEqual(['1/2', '2/2']);
  });

  it('takes the moving average where that is asked for', async () => {
    const asked = await options({ average: true });
    await quantize(asked);
    expect((await loadCheckpoint(asked.out)).state.weights).toEqual(average);
  });

  it('takes weights that do not say their model, and the names of the data for their classes', async () => {
    const folder = folderOf();
    const checkpoint = join(folder, 'foreign.safetensors');
    const own = efficientNet({ variant: 'nano', classes: 2 });
    await saveCheckpoint(checkpoint, {
      state: { weights: initialWeights(own, 1), optimizer: {} },
      metadata: {},
    });
    const items = patternItems(8).map((item, i) => ({ ...item, label: i % 2 }));
    const named = { ...images(items), classes: ['cat', 'dog'] };
    const asked = await options({ checkpoint, data: named, evaluation: false, model: 'efficientnet-nano' });
    await quantize(asked);
    expect((await loadCheckpoint(asked.out)).metadata['classes']).toBe('["cat","dog"]');
  });

  it('gives the same ranges whatever the stream is read with', async () => {
    const valueAt = (_: string, pixel: number) => pixel ** 3;
    const quantOf = async (stream: object) => {
      const asked = await options({
        trainer: observingTrainer(valueAt),
        stream: { batchSize: 4, ...stream },
      });
      const { quantization } = await quantize(asked);
      return { quantization, quant: (await loadCheckpoint(asked.out)).state.quant };
    };
    const first = await quantOf({ workers: 0, seed: 3 });
    expect(await quantOf({ workers: 0, seed: 3, prefetch: 5, backend: 'reference' })).toEqual(first);
    expect(await quantOf({ workers: 0, seed: 4 })).not.toEqual(first);
  });
});

describe('quantize refuses', () => {
  const refusal = async (more: Partial<QuantizeOptions>, code: string, message: RegExp) =>
    expect(quantize(await options(more))).rejects.toThrow(coded(code, message));

  it('a checkpoint that is quantised already', async () => {
    const first = await quantized();
    await refusal({ checkpoint: first.out }, 'ALREADY_QUANTIZED', /int8\.safetensors: is quantised already/);
  });

  it('to overwrite the checkpoint', async () => {
    const checkpoint = await checkpointIn(folderOf());
    await refusal({ checkpoint, out: checkpoint }, 'INVALID_OPTION', /is the checkpoint/);
  });

  it('a val split beside other data to evaluate on', async () => {
    await refusal({ valShare: 0.2 }, 'INVALID_OPTION', /^quantize: valShare.*both say what val is/);
  });

  it('data of other classes', async () => {
    const checkpoint = await checkpointIn(folderOf(), ['cat', 'dog']);
    const named = { ...data, classes: ['fox', 'hen'] };
    await refusal(
      { checkpoint, data: named, evaluation: false },
      'OTHER_CLASSES',
      /unknown to the model: fox, hen/,
    );
  });

  it('data of less than a batch, and synthetic ones', async () => {
    await refusal({ stream: { batchSize: 9, workers: 0 } }, 'NO_BATCHES', /larger than the dataset/);
    await refusal({ stream: { backend: 'synthetic' } }, 'INVALID_OPTION', /^quantize: .*reads no images/);
  });

  it('a trainer that cannot quantise, and an average that is not there', async () => {
    await refusal({ trainer: countingTrainer() }, 'CANNOT_QUANTIZE', /^counting: /);
    const folder = folderOf();
    const checkpoint = join(folder, 'a.safetensors');
    const metadata = toMetadata({ model, classes: ['0', '1'], imageSize: 16, interpolation: 'bilinear' });
    await saveCheckpoint(checkpoint, { state: { weights, optimizer: {} }, metadata });
    await refusal({ checkpoint, average: true }, 'NO_AVERAGE', /no moving average/);
  });

  it.each([
    [{ placement: 'cuda' }, /quantization\.placement must be one of tensorrt, onnxruntime/],
    [{ percentile: 0 }, /quantization\.percentile must be a number above 0, at most 100/],
    [{ method: 'max', percentile: 99 }, /percentile.*got max/],
    [{ levels: 128 }, /quantization\.levels must be an integer of 1\.\.127/],
    [{ batches: 0 }, /quantization\.batches must be an integer >= 1/],
  ])('%o', async (quantization, message) => {
    await refusal({ quantization: quantization as never }, 'INVALID_OPTION', message);
  });
});

describe('a quantised checkpoint', () => {
  it('is evaluated in int8', async () => {
    const { out: checkpoint } = await quantized();
    const trainer = observingTrainer();
    const { top1 } = await evaluate({ checkpoint, data, trainer, stream: { workers: 0 } });
    expect(top1).toBe(0.5);
    expect(trainer.quant()).toEqual((await loadCheckpoint(checkpoint)).state.quant);
  });

  it('classifies in int8', async () => {
    const { out } = await quantized();
    const trainer = observingTrainer();
    const image = join(folderOf({ 'a.jpg': await photo(1, 20, 20) }), 'a.jpg');
    for await (const { guesses } of classify({ images: [image], weights: out, trainer }))
      expect(guesses).toHaveLength(2);
    expect(trainer.prepared[0]?.quantization?.points).toContain('images');
    expect(trainer.quant()).toBeDefined();
  });

  it('is refused by a trainer that cannot quantise, and in mixed precision', async () => {
    const { out: checkpoint } = await quantized();
    const evaluated = (more: object) => evaluate({ checkpoint, data, stream: { workers: 0 }, ...more });
    await expect(evaluated({ trainer: countingTrainer() })).rejects.toThrow(
      coded('CANNOT_QUANTIZE', /^counting/),
    );
    const trainer = { ...observingTrainer(), precisions: ['float32', 'mixed'] };
    await expect(evaluated({ trainer, precision: 'mixed' })).rejects.toThrow(
      coded('INVALID_OPTION', /int8\.safetensors: is quantised, which is for precision float32, got mixed/),
    );
  });

  it('is refused without its ranges', async () => {
    const { out: checkpoint } = await quantized();
    const { state, metadata } = await loadCheckpoint(checkpoint);
    await saveCheckpoint(checkpoint, { state: { weights: state.weights, optimizer: {} }, metadata });
    await expect(evaluate({ checkpoint, data, trainer: observingTrainer() })).rejects.toThrow(
      coded('NOT_CALIBRATED', /has no ranges \(quant\.\*\)/),
    );
  });
});
