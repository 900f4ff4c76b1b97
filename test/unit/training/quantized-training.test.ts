import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { images } from '../../../src/datasets/memory/images.ts';
import { loadCheckpoint } from '../../../src/trainers/checkpoint.ts';
import type { TrainOptions } from '../../../src/training/train-options.ts';
import { train } from '../../../src/training/training.ts';
import type { TrainingEvent } from '../../../src/training/training-event.ts';
import { coded } from '../../support/errors.ts';
import { folderOf } from '../../support/folders.ts';
import { type ObservingTrainer, observingTrainer } from '../../support/observing-trainer.ts';
import { patternItems } from '../../support/raw-images.ts';
import { countingTrainer } from '../../support/trainers.ts';

const data = images(patternItems(8).map((item, i) => ({ ...item, label: i % 2 })));

/** Four epochs of two steps. */
const tiny = (more: Partial<TrainOptions> = {}): TrainOptions => ({
  ...{ data, trainer: observingTrainer(), workspace: folderOf(), report: false, evaluation: false },
  ...{ quantized: true, recipe: { imageSize: 16 }, schedule: { epochs: 4 } },
  stream: { batchSize: 4, workers: 0 },
  ...more,
});

async function run(options: TrainOptions): Promise<TrainingEvent[]> {
  const heard: TrainingEvent[] = [];
  const training = train(options);
  training.subscribe({ next: (event) => heard.push(event), error: () => {} });
  await training.result;
  return heard;
}

const resultOf = (options: TrainOptions) => train(options).result;
const checkpointOf = ({ workspace }: TrainOptions) => join(workspace as string, 'checkpoint.safetensors');
const warningsIn = (events: readonly TrainingEvent[]) =>
  events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));

describe('a quantised training', () => {
  it('chooses ranges by an epoch of fewer batches than 11, and writes them with what they are of', async () => {
    const options = tiny();
    const events = await run(options);
    const done = events.flatMap((event) =>
      event.type === 'calibration' ? [`${event.done}/${event.total}`] : [],
    );
    expect(done).toEqual(['1/2', '2/2']);
    const { state, metadata } = await loadCheckpoint(checkpointOf(options));
    const quantization = JSON.parse(metadata['quantization'] as string);
    expect(quantization).toEqual({
      ...{ placement: 'onnxruntime', method: 'percentile', percentile: 99.99 },
      ...{ batches: 2, batchSize: 4, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(state.quant?.['point.images']?.shape).toEqual([1]);
    expect(state.quant?.['weight.stem.conv.weight']?.shape).toEqual([
      state.weights['stem.conv.weight']?.shape[0],
    ]);
    const [start] = readFileSync(join(options.workspace as string, 'metrics.jsonl'), 'utf8').split('\n');
    const points = Object.keys(state.quant ?? {}).filter((name) => name.startsWith('point.')).length;
    expect(JSON.parse(start as string)['run.quantization']).toEqual({ ...quantization, points });
  });

  it('calibrates on the batches that it then trains on first', async () => {
    const options = tiny({ stream: { batchSize: 4, workers: 0, digest: true } });
    const events = await run(options);
    const { metadata } = await loadCheckpoint(checkpointOf(options));
    const epoch = events.find((event) => event.type === 'epoch');
    expect(JSON.parse(metadata['quantization'] as string).digest).toBe(epoch?.streamDigest);
  });

  it('fixes the statistics of batch norm in the second half', async () => {
    const trainer = observingTrainer();
    await run(tiny({ trainer }));
    const fixed = trainer.steps.map(({ fixedStatistics = false }) => fixedStatistics);
    expect(fixed).toEqual([false, false, false, false, true, true, true, true]);
  });

  it('fixes them in as many epochs as are asked for', async () => {
    const trainer = observingTrainer();
    await run(tiny({ trainer, quantization: { fixedEpochs: 0 } }));
    expect(trainer.steps.some(({ fixedStatistics }) => fixedStatistics)).toBe(false);
  });

  it('takes small steps, and no warm-up, where no learning rate is given', async () => {
    const trainer = observingTrainer();
    await run(tiny({ trainer }));
    expect(trainer.steps[0]?.learningRate).toBe(0.0125);
  });

  it('says that fresh weights are a bad start', async () => {
    expect(warningsIn(await run(tiny()))).toContainEqual(
      expect.stringMatching(/weights are fresh.*pretrained/),
    );
  });

  it('continues with its ranges, without a calibration', async () => {
    const first = tiny({ runEpochs: 1 });
    await resultOf(first);
    const { state } = await loadCheckpoint(checkpointOf(first));
    const trainer = observingTrainer();
    await resultOf({
      data,
      trainer,
      resume: first.workspace as string,
      stream: { workers: 0 },
      report: false,
    });
    expect(trainer.observed()).toBe(0);
    expect(trainer.quant()).toEqual(state.quant);
    expect(trainer.prepared[0]?.quantization?.points).toContain('images');
  });

  it('takes the ranges of a quantised file where calibration is skipped, and its placement', async () => {
    const first = tiny({ quantization: { placement: 'tensorrt', levels: 7 } });
    await resultOf(first);
    const trainer = observingTrainer();
    const second = tiny({
      trainer,
      pretrained: checkpointOf(first),
      quantization: { skipCalibration: true },
    });
    await resultOf(second);
    expect(trainer.observed()).toBe(0);
    const [was, is] = await Promise.all([first, second].map((one) => loadCheckpoint(checkpointOf(one))));
    expect(is?.state.quant).toEqual(was?.state.quant);
    expect(is?.metadata['quantization']).toBe(was?.metadata['quantization']);
    expect(trainer.prepared[0]?.quantization?.levels).toBe(7);
  });

  it('counts the steps that move the statistics of batch norm, to say whether they are enough', async () => {
    const first = tiny({ quantized: false });
    await resultOf(first);
    // two of four epochs, of two steps
    const named = { ...data, classes: ['hen', 'fox'] };
    const events = await run(tiny({ data: named, pretrained: checkpointOf(first) }));
    expect(warningsIn(events)).toContainEqual(expect.stringMatching(/^after 4 steps 66 % of batch norm's/));
  });

  it('chooses ranges anew of a quantised file, and says so', async () => {
    const first = tiny();
    await resultOf(first);
    const trainer = observingTrainer();
    const events = await run(tiny({ trainer, pretrained: checkpointOf(first) }));
    expect(trainer.observed()).toBeGreaterThan(0);
    expect(warningsIn(events)).toContainEqual(expect.stringMatching(/is quantised.*anew.*skipCalibration/));
  });
});

describe('a training that is not quantised', () => {
  it('takes the weights of a quantised file without its ranges, and says so', async () => {
    const first = tiny();
    await resultOf(first);
    const trainer = observingTrainer();
    const events = await run(tiny({ trainer, quantized: false, pretrained: checkpointOf(first) }));
    expect(trainer.quant()).toBeUndefined();
    expect(trainer.prepared[0]?.quantization).toBeUndefined();
    expect(warningsIn(events)).toContainEqual(
      expect.stringMatching(/is quantised: its weights are taken, its ranges not/),
    );
  });

  it('continues a quantised one only by force, without its ranges', async () => {
    const first = tiny({ runEpochs: 1 });
    await resultOf(first);
    const again = (more: object) => {
      const trainer = observingTrainer();
      const resumed = { resume: first.workspace as string, stream: { workers: 0 }, report: false } as const;
      return { trainer, result: resultOf({ data, trainer, ...resumed, quantized: false, ...more }) };
    };
    await expect(again({}).result).rejects.toThrow(
      coded('OTHER_TRAINING', /quantized: was true, is not set/),
    );
    const { trainer, result } = again({ force: true });
    await result;
    expect(trainer.quant()).toBeUndefined();
  });
});

describe('a quantised training refuses', () => {
  const refusal = (more: Partial<TrainOptions>, code: string, message: RegExp) =>
    expect(resultOf(tiny(more))).rejects.toThrow(coded(code, message));

  it('a trainer that cannot quantise', async () => {
    await refusal(
      { trainer: countingTrainer() },
      'CANNOT_QUANTIZE',
      /^counting: this trainer cannot quantise/,
    );
  });

  it('mixed precision, by its name', async () => {
    const trainer: ObservingTrainer = { ...observingTrainer(), precisions: ['float32', 'mixed'] };
    await refusal(
      { trainer, precision: 'mixed' },
      'INVALID_OPTION',
      /quantized.*precision float32.*mixed \(--amp\)/,
    );
  });

  it('to skip the calibration without a file, and with one that has no ranges', async () => {
    const quantization = { skipCalibration: true };
    await refusal({ quantization }, 'NOT_CALIBRATED', /skipCalibration.*pretrained/);
    const float = tiny({ quantized: false });
    await resultOf(float);
    const pretrained = checkpointOf(float);
    await refusal({ quantization, pretrained }, 'NOT_CALIBRATED', /is not quantised.*millrace quantize/);
  });

  it.each([{ method: 'max' }, { percentile: 99 }, { batches: 3 }] as const)(
    'to skip the calibration and to choose ranges by %o',
    async (way) => {
      const first = tiny();
      await resultOf(first);
      const quantization = { skipCalibration: true, ...way };
      const pretrained = checkpointOf(first);
      await refusal({ quantization, pretrained }, 'INVALID_OPTION', /chooses ranges, and skipCalibration/);
    },
  );

  it('ranges of another classifier', async () => {
    const first = tiny();
    await resultOf(first);
    const quantization = { skipCalibration: true };
    const pretrained = checkpointOf(first);
    // as many, so that the shapes would fit
    const named = { ...data, classes: ['hen', 'fox'] };
    await refusal(
      { quantization, pretrained, data: named },
      'OTHER_QUANTIZATION',
      /its ranges are those of its own classifier: leave out skipCalibration/,
    );
  });

  it('ranges for another placement', async () => {
    const first = tiny();
    await resultOf(first);
    const quantization = { skipCalibration: true, placement: 'tensorrt' } as const;
    const pretrained = checkpointOf(first);
    await refusal({ quantization, pretrained }, 'OTHER_QUANTIZATION', /placement.*onnxruntime, got tensorrt/);
  });

  it('options of quantisation without quantised, and a percentile without its method', async () => {
    await refusal({ quantized: false, quantization: { batches: 3 } }, 'INVALID_OPTION', /is for quantized/);
    await refusal(
      { quantization: { method: 'mse', percentile: 99 } },
      'INVALID_OPTION',
      /percentile.*got mse/,
    );
  });

  it('to continue a float training, even by force', async () => {
    const float = tiny({ quantized: false, runEpochs: 1 });
    await resultOf(float);
    const resumed = { resume: float.workspace as string, force: true };
    await refusal({ ...resumed, workspace: float.workspace as string }, 'NOT_CALIBRATED', /is not quantised/);
  });

  it('a point without a range, by its name', async () => {
    const dead = (point: string, pixel: number) => (point === 'stem.activated' ? 0 : pixel);
    await refusal({ trainer: observingTrainer(dead) }, 'ONLY_ZEROS', /^stem\.activated: /);
    const bad = (point: string, pixel: number) => (point === 'pooled' ? Number.NaN : pixel);
    await refusal({ trainer: observingTrainer(bad) }, 'VALUES_NOT_FINITE', /^pooled: /);
  });

  it('data of less than a batch', async () => {
    await refusal({ stream: { batchSize: 16, workers: 0 } }, 'NO_BATCHES', /larger than the dataset/);
  });
});
