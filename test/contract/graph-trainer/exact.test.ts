import { expect, it } from 'vitest';
import type { Batch } from '../../../src/core/batch.ts';
import { fromHalf, toHalf } from '../../../src/core/half.ts';
import type { QuantizedPlaces, TrainerState } from '../../../src/core/trainer.ts';
import { gpuTraits } from '../../../src/graph/plan/device-traits.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { placesOf } from '../../../src/quantization/placement.ts';
import { rangesByLargest } from '../../support/calibration.ts';
import { describeOnDevices } from '../../support/graph-devices.ts';
import { type IntegerCase, IntegerProgram } from '../../support/integer-programs.ts';
import { randomRanges, randomWeights } from '../../support/quantized-models.ts';
import { makeBatch, trainingSettings as settings } from '../../support/trainers.ts';

const model = efficientNet({ width: 0.25, depth: 0.34, resolution: 32, classes: 6 });
const quantization: QuantizedPlaces = { ...placesOf(model, 'onnxruntime'), isExact: true };
const stateOf = (seed: number): TrainerState => {
  const weights = randomWeights(model, seed);
  return { weights, optimizer: {}, quant: randomRanges(model, weights, seed) };
};
const cases: readonly IntegerCase[] = [
  { model, seed: 1, rows: 3, height: 32, width: 32 },
  { model, seed: 2, rows: 2, height: 39, width: 27 },
  { model, seed: 3, rows: 1, height: 64, width: 64, sigmoid: 'int8' },
];

const batchOf = (
  images: Float32Array,
  [rows, height, width]: readonly [number, number, number],
  dtype: 'float16' | 'float32' = 'float32',
): Batch => makeBatch({ images, shape: [rows, height, width, 3], labels: new Int32Array(rows), dtype });

/** Logits by the scalar references of the kernels. */
function referenceLogits(program: IntegerProgram): Float32Array {
  const padded = program.runByReference().get('logits') as Float32Array;
  const width = 4 * Math.ceil(model.classes / 4);
  return padded.filter((_, i) => i % width < model.classes);
}

describeOnDevices('exact evaluation in the graph trainer', (open, device) => {
  const prepare = async (state: TrainerState, places = quantization, threads?: number) => {
    const trainer = await open(model, { quantization: places }, threads);
    await trainer.load(state);
    return trainer;
  };

  it.for(cases)('has the bits of the reference: seed $seed, $rows of $height x $width', async (one) => {
    const { seed, rows, height, width, sigmoid = 'float32' } = one;
    const program = new IntegerProgram(one, gpuTraits());
    const images = program.images.subarray(0, rows * height * width * 3);
    const batch = batchOf(images, [rows, height, width]);
    const trainer = await prepare(stateOf(seed), { ...quantization, sigmoid });
    const expected = referenceLogits(program);
    expect(await trainer.predict(batch)).toEqual(expected);
    // images of another size in between have means of their own
    await trainer.predict(batchOf(new Float32Array(2 * 48 * 48 * 3), [2, 48, 48]));
    expect(await trainer.predict(batch)).toEqual(expected);
  });

  it.skipIf(device.options.device === 'gpu').for([1, 3])('has them on %i threads', async (threads) => {
    const program = new IntegerProgram(cases[0] as IntegerCase, gpuTraits());
    const trainer = await prepare(stateOf(1), quantization, threads);
    expect(await trainer.predict(batchOf(program.images, [3, 32, 32]))).toEqual(referenceLogits(program));
  });

  it('gives images of float16 the logits of the same values in float32', async () => {
    const trainer = await prepare(stateOf(1));
    const images = Float32Array.from({ length: 2 * 32 * 32 * 3 }, (_, i) =>
      fromHalf(toHalf(3 * Math.sin(i))),
    );
    const [halves, floats] = [batchOf(images, [2, 32, 32], 'float16'), batchOf(images, [2, 32, 32])];
    expect(await trainer.predict(halves)).toEqual(await trainer.predict(floats));
  });

  it('is as near to float32 as the evaluation that rounds in float32, and near to that', async () => {
    const { isExact: _, ...places } = quantization;
    const weights = randomWeights(model, 4);
    const batch = batchOf(
      Float32Array.from({ length: 8 * 32 * 32 * 3 }, (_, i) => 2 * Math.sin(i * i)),
      [8, 32, 32],
    );
    const plain = await open(model);
    await plain.load({ weights, optimizer: {} });
    const rounding = await open(model, { quantization: places });
    await rounding.load({ weights, optimizer: {} });
    const state = { weights, optimizer: {}, quant: await rangesByLargest(rounding, batch, places) };
    await rounding.load(state);
    const trainer = await prepare(state);
    const [exact, rounded] = [await trainer.predict(batch), await rounding.predict(batch)];
    const float = await plain.predict(batch);
    const cost = distance(rounded, float);
    console.log(
      cost,
      distance(exact, float),
      distance(exact, rounded),
      distance(float, new Float32Array(float.length)),
    );
    expect(distance(exact, float)).toBeLessThan(1.3 * cost);
    expect(distance(exact, rounded)).toBeLessThan(cost);
    expect(exact).not.toEqual(rounded);
    const { lossSum } = await trainer.evaluateStep(batch);
    expect(lossSum).toBeCloseTo(lossOf(exact), 3);
  });

  it('gives back the state that it was given', async () => {
    const state = stateOf(1);
    const trainer = await prepare(state);
    const { weights, quant } = await trainer.state();
    expect({ weights, quant }).toEqual({ weights: state.weights, quant: state.quant });
  });

  it('refuses to train, and the average', async () => {
    const trainer = await open(model, { quantization, settings: { ...settings, emaDecay: 0.9 } });
    await trainer.load(stateOf(1));
    const batch = batchOf(new Float32Array(32 * 32 * 3), [1, 32, 32]);
    const refusal = { code: 'EXACT_EVALUATION' };
    const step = { learningRate: 0.1, apply: true, lossScale: 1, step: 0 };
    await expect(trainer.trainStep(batch, step)).rejects.toMatchObject(refusal);
    await expect(trainer.evaluateAverageStep(batch)).rejects.toMatchObject(refusal);
  });

  it('refuses to evaluate before it has ranges, and after a state without any', async () => {
    const trainer = await open(model, { quantization });
    const batch = batchOf(new Float32Array(32 * 32 * 3), [1, 32, 32]);
    const refusal = { code: 'NOT_CALIBRATED' };
    await expect(trainer.predict(batch)).rejects.toMatchObject(refusal);
    await trainer.load(stateOf(1));
    await trainer.predict(batch);
    await trainer.load({ weights: randomWeights(model, 1), optimizer: {} });
    await expect(trainer.predict(batch)).rejects.toMatchObject(refusal);
  });

  it.for<readonly [string, QuantizedPlaces]>([
    ['of placement tensorrt', { ...placesOf(model, 'tensorrt'), isExact: true }],
    ['of other levels', { ...quantization, levels: 7 }],
    ['without one of its points', { ...quantization, points: quantization.points.slice(1) }],
  ])('refuses a quantization %s', async ([, places]) => {
    await expect(open(model, { quantization: places })).rejects.toMatchObject({ code: 'CANNOT_QUANTIZE' });
  });

  it('names a layer whose sums may leave the integers of float32', async () => {
    const wide = efficientNet({ width: 1, depth: 0.2, resolution: 32, classes: 2 });
    const weights = randomWeights(wide, 1);
    const ones = { shape: [2, 1280], data: new Float32Array(2 * 1280).fill(0.5) };
    const all = { ...weights, 'classifier.fc.weight': ones };
    const trainer = await open(wide, { quantization: { ...placesOf(wide, 'onnxruntime'), isExact: true } });
    const loading = trainer.load({ weights: all, optimizer: {}, quant: randomRanges(wide, all, 1) });
    await expect(loading).rejects.toThrow(/^classifier\.fc: sums of products may reach \d+/);
    await expect(loading).rejects.toMatchObject({ code: 'ACCUMULATOR_BOUND' });
  });
});

const distance = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, one, i) => sum + (one - (b[i] as number)) ** 2, 0) / a.length);

/** Sum of the cross-entropy, where each label is the first class. */
function lossOf(logits: Float32Array): number {
  let sum = 0;
  for (let row = 0; row < logits.length; row += model.classes) {
    const values = [...logits.subarray(row, row + model.classes)];
    sum += Math.log(values.reduce((total, one) => total + Math.exp(one), 0)) - (values[0] as number);
  }
  return sum;
}
