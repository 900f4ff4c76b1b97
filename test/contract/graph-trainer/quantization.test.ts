import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { NamedTensor, QuantizedPlaces, TrainerState } from '../../../src/core/trainer.ts';
import { placements, placesOf } from '../../../src/quantization/placement.ts';
import { loadCheckpoint, saveCheckpoint } from '../../../src/trainers/checkpoint.ts';
import { GraphTrainer } from '../../../src/trainers/graph/graph-trainer.ts';
import { observe } from '../../../src/trainers/graph/observe.ts';
import { createTrainer as createTfjsTrainer } from '../../../src/trainers/tfjs/tfjs-trainer.ts';
import { rangeOf, rangesByLargest } from '../../support/calibration.ts';
import { folderOf } from '../../support/folders.ts';
import { describeOnDevices } from '../../support/graph-devices.ts';
import { batchOf, model, run, settings } from '../../support/graph-training.ts';

const quantization = placesOf(model, 'onnxruntime');

describeOnDevices('a quantized model in the graph trainer', (open) => {
  const prepare = (places: QuantizedPlaces | undefined = quantization): Promise<GraphTrainer> =>
    open(model, { seed: 4, settings, ...(places && { quantization: places }) });

  /** A state whose statistics have settled, with ranges by the largest values of a batch. It is made once. */
  const settled = once(async () => {
    const trainer = await prepare();
    await trainer.load({ weights: await settledWeights(), optimizer: {} });
    const quant = await rangesByLargest(trainer, batchOf(0), quantization);
    return { weights: await settledWeights(), optimizer: {}, quant };
  });

  async function calibrated(places: QuantizedPlaces = quantization, factor = 1) {
    const { weights, quant } = await settled();
    const keys = new Set([
      ...places.points.map((one) => `point.${one}`),
      ...places.weights.map((one) => `weight.${one}`),
    ]);
    const ranges = Object.entries(quant).filter(([key]) => keys.has(key));
    const wider = ranges.map(
      ([key, { data }]) => [key, rangeOf([...data].map((one) => one * factor))] as const,
    );
    const state = { weights, optimizer: {}, quant: Object.fromEntries(wider) };
    const trainer = await prepare(places);
    await trainer.load(state);
    return { trainer, state };
  }

  it('refuses steps before it has ranges', async () => {
    const trainer = await prepare();
    const refusal = { code: 'NOT_CALIBRATED' };
    await expect(run(trainer, 0, 1)).rejects.toMatchObject(refusal);
    await expect(trainer.evaluateStep(batchOf(0))).rejects.toMatchObject(refusal);
    await expect(trainer.evaluateAverageStep(batchOf(0))).rejects.toMatchObject(refusal);
    await expect(trainer.predict(batchOf(0))).rejects.toMatchObject(refusal);
  });

  it('forgets its ranges where a state has none', async () => {
    const { trainer, state } = await calibrated();
    await trainer.load({ weights: state.weights, optimizer: {} });
    await expect(trainer.predict(batchOf(0))).rejects.toMatchObject({ code: 'NOT_CALIBRATED' });
  });

  it.for(placements)('gives the logits of float where ranges are fine and wide: %s', async (placement) => {
    // so many levels that a step is smaller than float32's own
    const places = { ...placesOf(model, placement), levels: 2 ** 40 };
    const { trainer, state } = await calibrated(places, 1000);
    const plain = await open(model, { seed: 4, settings });
    await plain.load({ weights: state.weights, optimizer: {} });
    const [actual, expected] = [await trainer.predict(batchOf(0)), await plain.predict(batchOf(0))];
    expect(distance(actual, expected)).toBeLessThan(1e-5);
    // of which the second updates the weights
    expect(await run(trainer, 0, 3)).toMatchObject(
      (await run(plain, 0, 3)).map(({ loss }) => ({ loss: expect.closeTo(loss, 4) })),
    );
  });

  it('computes with rounded weights and values, in steps, evaluation and prediction', async () => {
    const { trainer, state } = await calibrated({ ...quantization, levels: 7 });
    const plain = await open(model, { seed: 4, settings });
    await plain.load({ weights: state.weights, optimizer: {} });
    const [rounded, exact] = [await trainer.predict(batchOf(0)), await plain.predict(batchOf(0))];
    expect(distance(rounded, exact)).toBeGreaterThan(0.01);
    expect((await trainer.evaluateStep(batchOf(0))).lossSum).not.toBe(
      (await plain.evaluateStep(batchOf(0))).lossSum,
    );
    // the average began at the weights
    expect((await trainer.evaluateAverageStep(batchOf(0))).lossSum).toBe(
      (await trainer.evaluateStep(batchOf(0))).lossSum,
    );
  });

  it('has the same bits when it is resumed from a checkpoint', async () => {
    const { trainer: whole } = await calibrated();
    await run(whole, 0, 3);
    const path = join(folderOf(), 'checkpoint.safetensors');
    await saveCheckpoint(path, { state: await whole.state(), metadata: {} });
    const resumed = await prepare();
    await resumed.load((await loadCheckpoint(path)).state);
    expect(await run(resumed, 3, 6)).toEqual(await run(whole, 3, 6));
    expect(await resumed.state()).toEqual(await whole.state());
    expect(await resumed.evaluateAverageStep(batchOf(0))).toEqual(
      await whole.evaluateAverageStep(batchOf(0)),
    );
  });

  it('changes no range, and names them as they were given', async () => {
    const { trainer, state } = await calibrated();
    await run(trainer, 0, 2);
    expect((await trainer.state()).quant).toEqual(state.quant);
  });

  it('leaves weights outside their ranges to weight decay alone', async () => {
    const { trainer, state } = await calibrated();
    const name = 'layers.0.block0.proj.conv.weight';
    const { shape, data } = state.quant[`weight.${name}`] as NamedTensor;
    const narrow = { shape, data: data.map((largest) => largest / 2) };
    await trainer.load({ ...state, quant: { ...state.quant, [`weight.${name}`]: narrow } });
    const step = { learningRate: 0.01, apply: true, lossScale: 1, step: 0 };
    await trainer.trainStep(batchOf(0), step);
    const before = (state.weights[name] as NamedTensor).data;
    const after = ((await trainer.state()).optimizer[`square_avg.${name}`] as NamedTensor).data;
    const inputs = before.length / data.length;
    // the memory of a gradient that is the weight's decay
    const decayed = before.map((weight) => 0.1 * (settings.weightDecay * weight) ** 2);
    const isOutside = [...before].map(
      (weight, i) => Math.abs(weight) > 0.6 * (data[Math.floor(i / inputs)] as number),
    );
    const isDecayAlone = [...after].map(
      (memory, i) => Math.abs(memory - (decayed[i] as number)) <= 1e-3 * (decayed[i] as number) + 1e-20,
    );
    expect(isDecayAlone.filter((_, i) => isOutside[i])).not.toContain(false);
    expect(isDecayAlone.filter((_, i) => !isOutside[i])).toContain(false);
  });

  it('observes values in the order of rows, and rounds none', async () => {
    const { trainer, state } = await calibrated({ ...quantization, levels: 7 });
    const plain = await open(model, { seed: 4, settings });
    await plain.load({ weights: state.weights, optimizer: {} });
    const heard = new Map<string, number[]>();
    await trainer.observe(
      batchOf(0),
      ['images', 'pooled', 'layers.1.block0.se.squeeze.affine'],
      (point, values) => heard.set(point, [...(heard.get(point) ?? []), ...values]),
    );
    expect(heard.get('images')).toEqual([...(batchOf(0).images as Float32Array)]);
    const classifier = state.weights['classifier.fc.weight'] as NamedTensor;
    const bias = (state.weights['classifier.fc.bias'] as NamedTensor).data;
    const features = classifier.shape[1] as number;
    const pooled = heard.get('pooled') as number[];
    const logits = Float32Array.from({ length: 5 * 3 }, (_, i) => {
      const [row, output] = [Math.floor(i / 3), i % 3];
      let sum = bias[output] as number;
      for (let k = 0; k < features; k++)
        sum += (pooled[row * features + k] as number) * (classifier.data[output * features + k] as number);
      return sum;
    });
    expect(distance(logits, await plain.predict(batchOf(0)))).toBeLessThan(1e-5);
    const squeezed = model.blocks[1]?.squeeze.outFeatures as number;
    expect(squeezed % 4).not.toBe(0);
    expect(heard.get('layers.1.block0.se.squeeze.affine')).toHaveLength(5 * squeezed);
  });

  it('observes a batch in pieces where its values take much', async () => {
    const { trainer } = await calibrated();
    const points = ['images', 'stem.normalized', 'layers.1.block0.se.squeeze.affine', 'pooled'];
    const heardBy = async (mostBytes?: number) => {
      const heard: Record<string, number[]> = {};
      await observe(
        trainer.session,
        batchOf(0),
        points,
        (point, values) => {
          heard[point] = [...(heard[point] ?? []), ...values];
        },
        mostBytes,
      );
      return heard;
    };
    const [whole, pieces] = [await heardBy(), await heardBy(1)];
    for (const point of points)
      expect(
        distance(Float32Array.from(pieces[point] ?? []), Float32Array.from(whole[point] ?? [])),
      ).toBeLessThan(1e-5);
  });

  it('observes nothing that it was not prepared for', async () => {
    const plain = await open(model, { seed: 4, settings });
    await expect(plain.observe(batchOf(0), ['pooled'], () => {})).rejects.toMatchObject({
      code: 'NOT_QUANTIZED',
    });
    const trainer = await prepare();
    await expect(trainer.observe(batchOf(0), ['nowhere'], () => {})).rejects.toThrow(
      'no value is called nowhere',
    );
  });

  const first = 'point.stem.activated';
  const changes: readonly (readonly [string, (quant: Ranges) => Ranges, string])[] = [
    [
      'unknown',
      (quant) => ({ ...quant, 'point.nowhere': rangeOf([1]) }),
      'quant.point.nowhere: is not quantized',
    ],
    ['missing', ({ [first]: _, ...others }) => others, `quant.${first}: missing, expected shape [1]`],
    [
      'of another shape',
      (quant) => ({ ...quant, [first]: rangeOf([1, 2]) }),
      `quant.${first}: expected shape [1], got [2]`,
    ],
    [
      'zero',
      (quant) => ({ ...quant, [first]: rangeOf([0]) }),
      `quant.${first}: a range must be above 0 and finite, got 0`,
    ],
    ['negative', (quant) => ({ ...quant, [first]: rangeOf([-1]) }), `got -1`],
    ['no number', (quant) => ({ ...quant, [first]: rangeOf([Number.NaN]) }), `got NaN`],
    ['infinite', (quant) => ({ ...quant, [first]: rangeOf([Number.POSITIVE_INFINITY]) }), `got Infinity`],
    [
      'zero for one output',
      (quant) => ({ ...quant, 'weight.classifier.fc.weight': rangeOf([1, 0, 1]) }),
      'quant.weight.classifier.fc.weight[1]: a range must be above 0',
    ],
  ];
  it.for(changes)('names a range that is %s', async ([, change, message]) => {
    const [trainer, state] = [await prepare(), await settled()];
    const loading = trainer.load({ ...state, quant: change(state.quant) });
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toMatchObject({ code: 'STATE_MISMATCH' });
  });

  it('names a weight that is not there when it is prepared', async () => {
    await expect(prepare({ points: [], weights: ['classifier.fc.bias'] })).rejects.toMatchObject({
      code: 'UNKNOWN_WEIGHT',
    });
    await expect(prepare({ points: ['nowhere'], weights: [] })).rejects.toMatchObject({
      code: 'UNKNOWN_POINT',
    });
  });

  it('refuses a quantized state where nothing is quantized', async () => {
    const state = await settled();
    const plain = await open(model, { seed: 4, settings });
    await expect(plain.load(state)).rejects.toThrow('the state is of a quantized model');
    await expectTfjsToRefuse(state);
  });

  it('refuses mixed precision by name', async () => {
    await expect(open(model, { precision: 'mixed', quantization })).rejects.toMatchObject({
      code: 'CANNOT_QUANTIZE',
    });
  });
});

type Ranges = Record<string, NamedTensor>;

const settledWeights = once(async () => {
  const trainer = new GraphTrainer({ device: 'cpu', threads: 1 });
  try {
    await trainer.prepare(model, { precision: 'float32', seed: 4, settings });
    await run(trainer, 0, 12);
    return (await trainer.state()).weights;
  } finally {
    await trainer.close();
  }
});

function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

async function expectTfjsToRefuse(state: TrainerState): Promise<void> {
  const tfjs = createTfjsTrainer();
  try {
    const options = { precision: 'float32', seed: 9, settings } as const;
    await expect(tfjs.prepare(model, { ...options, quantization })).rejects.toMatchObject({
      code: 'CANNOT_QUANTIZE',
      message: expect.stringContaining('graph'),
    });
    await tfjs.prepare(model, options);
    await expect(tfjs.load(state)).rejects.toMatchObject({ code: 'STATE_MISMATCH' });
  } finally {
    await tfjs.close();
  }
}

function distance(actual: Float32Array, expected: Float32Array): number {
  return Math.max(...expected.map((value, i) => Math.abs(value - (actual[i] as number))));
}
