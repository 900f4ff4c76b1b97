import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Batch } from '../../../src/core/batch.ts';
import { partsOf } from '../../../src/core/batch-part.ts';
import type { PrepareOptions, TensorMap, TrainerState } from '../../../src/core/trainer.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { placesOf } from '../../../src/quantization/placement.ts';
import { alone, type Ranks } from '../../../src/ranks/ranks.ts';
import { GraphTrainer } from '../../../src/trainers/graph/graph-trainer.ts';
import { stepMakerOf } from '../../../src/training/parts/parted-steps.ts';
import { rangesByLargest } from '../../support/calibration.ts';
import { coded } from '../../support/errors.ts';
import { describeInPrecisions, describeOnDevices } from '../../support/graph-devices.ts';
import { partsOf as imagesOf, model, running, settings, trainable } from '../../support/graph-training.ts';
import { localRanks } from '../../support/local-ranks.ts';
import { optionsOf, runInParts, stepInParts, sumOf, wholeBatch } from '../../support/steps-in-parts.ts';
import { makeBatch } from '../../support/trainers.ts';
import { preparation } from '../../support/webgpu-trainers.ts';

// blocks and features are dropped, rows are mixed, the weights have an average, and gradients of two batches make an update
describeInPrecisions('a training in parts by the graph', (open, { options: { device } }, { precision }) => {
  const prepare = (more: Partial<PrepareOptions> = {}): Promise<GraphTrainer> =>
    open(model, { seed: 4, settings, ...more });

  it.for([
    { optimizer: 'sgd' },
    { optimizer: 'rmsprop' },
    { stochasticDepth: 'batch' },
    { frozen: ['stem'], bodyRate: 0.5 },
  ] as const)('has the bits of whole steps where a step has one part: %o', async (more) => {
    const options = { settings: { ...settings, ...more } };
    const [whole, inParts] = [await prepare(options), await prepare(options)];
    const train = async (from: number, to: number) => {
      const results = [];
      for (let step = from; step < to; step++)
        results.push(await whole.trainStep(wholeBatch(step), optionsOf(step)));
      return results.map((one) => ({ ...one, loss: Math.fround(one.loss) }));
    };
    expect(await runInParts(inParts, 0, 3, { parts: 1 })).toEqual(await train(0, 3));
    // gradients wait here
    const state = await inParts.state();
    expect(state).toEqual(await whole.state());
    expect(state.gradients).toBeDefined();
    const resumed = await prepare(options);
    await resumed.load(state);
    expect(await runInParts(resumed, 3, 6, { parts: 1 })).toEqual(await train(3, 6));
    expect(await resumed.state()).toEqual(await whole.state());
  });

  it('has the same bits on two trainers that compute two parts each as on one that computes four', async () => {
    const [alone, first, second] = [await prepare(), await prepare(), await prepare()];
    for (let step = 0; step < 6; step++) {
      const options = optionsOf(step);
      await stepInParts(alone, wholeBatch(step), options, { parts: 4 });
      const halves = await Promise.all(
        [first, second].map((trainer, rank) => {
          const order = [2 * rank, 2 * rank + 1];
          return sumOf(trainer, wholeBatch(step), options, { parts: 4, order });
        }),
      );
      const [sum, other] = halves as [Float32Array, Float32Array];
      const both = sum.map((value, i) => value + (other[i] as number));
      for (const trainer of [first, second]) await trainer.applySum(both, { ...options, parts: 4 });
    }
    const state = await alone.state();
    expect(await first.state()).toEqual(state);
    expect(await second.state()).toEqual(state);
  });

  it('takes the mean of the parts: where batch norm keeps its statistics, that of the whole batch', async () => {
    const [whole, inParts] = [await prepare(), await prepare()];
    const options = { ...optionsOf(1), fixedStatistics: true };
    const { loss } = await whole.trainStep(wholeBatch(1), options);
    const actual = await stepInParts(inParts, wholeBatch(1), options, { parts: 4 });
    expect(actual.loss).toBeCloseTo(loss, precision === 'float32' ? 5 : 2);
    const [expected, state] = [await whole.state(), await inParts.state()];
    expect(running(state.weights)).toEqual(running(expected.weights));
    const distance = largestDistance(trainable(state.weights), trainable(expected.weights));
    expect(distance).toBeLessThan(precision === 'float32' ? 1e-6 : 1e-4);
  });

  it("takes the mean of the parts' statistics of batch norm", async () => {
    const halves = partsOf(wholeBatch(1), 4);
    const statistics = [];
    for (const half of halves) {
      const trainer = await prepare();
      await trainer.trainStep(half, optionsOf(1));
      statistics.push(running((await trainer.state()).weights));
    }
    const inParts = await prepare();
    await stepInParts(inParts, wholeBatch(1), optionsOf(1), { parts: 2, firstRowOf: () => 0 });
    const [first, second] = statistics as [TensorMap, TensorMap];
    const entries = Object.entries(first).map(([name, { shape, data }]) => {
      const other = second[name]?.data as Float32Array;
      return [name, { shape, data: data.map((value, i) => Math.fround(value + (other[i] as number)) / 2) }];
    });
    expect(running((await inParts.state()).weights)).toEqual(Object.fromEntries(entries));
  });

  it.for([
    ['in another order', { parts: 4, order: [0, 2, 1, 3] }],
    ["that all take the first row's masks", { parts: 4, firstRowOf: () => 0 }],
  ] as const)('has other bits with parts %s', async ([, changed]) => {
    const [inOrder, other] = [await prepare(), await prepare()];
    await runInParts(inOrder, 0, 2, { parts: 4 });
    await runInParts(other, 0, 2, changed);
    expect((await other.state()).weights).not.toEqual((await inOrder.state()).weights);
  });

  it('changes nothing while parts contribute', async () => {
    const trainer = await prepare();
    await runInParts(trainer, 0, 3, { parts: 2 });
    const state = await trainer.state();
    await sumOf(trainer, wholeBatch(3), optionsOf(3), { parts: 2 });
    expect(await trainer.state()).toEqual(state);
    const sum = await sumOf(trainer, wholeBatch(3), optionsOf(3), { parts: 2 });
    // nor does what a contribution leaves behind reach the next whole step
    const twin = await prepare();
    await twin.load(state);
    expect(sum).toEqual(await sumOf(twin, wholeBatch(3), optionsOf(3), { parts: 2 }));
    await trainer.trainStep(wholeBatch(3), optionsOf(3));
    await twin.trainStep(wholeBatch(3), optionsOf(3));
    expect(await trainer.state()).toEqual(await twin.state());
  });

  it('tells the loss of each row of a part', async () => {
    const trainer = await prepare();
    const [, second] = partsOf(wholeBatch(0), 4) as [Batch, Batch];
    const options = { ...optionsOf(0), parts: 2, firstRow: 4 };
    const { vector, losses } = await trainer.contribution(second, { ...options, losses: true });
    expect(losses).toHaveLength(4);
    const mean = (losses as Float32Array).reduce((sum, one) => sum + one, 0) / 4;
    expect(vector.at(-1)).toBe(Math.fround(mean));
    expect((await trainer.contribution(second, options)).losses).toBeUndefined();
  });

  it('hands out gradients while it computes, on a GPU, and has the same bits', async () => {
    const [plain, early] = [await prepare(), await prepare()];
    for (let step = 0; step < 4; step++) {
      const [batch, stepOptions] = [wholeBatch(step), optionsOf(step)];
      const expected = await sumOf(plain, batch, stepOptions, { parts: 1 });
      const heard: Float32Array[] = [];
      const onReady = (vector: Float32Array, from: number, to: number) => {
        expect(vector.subarray(from, to)).toEqual(expected.subarray(from, to));
        heard.push(vector.subarray(from, to));
      };
      const sum = await sumOf(early, batch, stepOptions, { parts: 1, onReady });
      expect(sum).toEqual(expected);
      expect(heard.length > 1).toBe(device === 'gpu');
      await plain.applySum(sum, { ...stepOptions, parts: 1 });
      await early.applySum(sum, { ...stepOptions, parts: 1 });
    }
    expect(await early.state()).toEqual(await plain.state());
  });

  it('has the same bits on two ranks, which exchange gradients meanwhile, as on one', async () => {
    const makeSteps = async (ranks: Ranks) => {
      const trainer = await prepare();
      const rank = 8 / ranks.size;
      const maker = stepMakerOf(trainer, { ranks, parts: 4, rows: { part: 2, rank, step: 8 } });
      for (let step = 0; step < 4; step++) {
        const batch = partsOf(wholeBatch(step), rank)[ranks.rank] as Batch;
        await maker.trainStep(batch, optionsOf(step));
      }
      return trainer.state();
    };
    const expected = await makeSteps(alone);
    for (const state of await Promise.all(localRanks(2).map(makeSteps))) expect(state).toEqual(expected);
  });

  it('fails as whoever hears of gradients does, and goes on', async () => {
    const trainer = await prepare();
    const expected = await sumOf(trainer, wholeBatch(0), optionsOf(0), { parts: 1 });
    const onReady = () => {
      throw new Error('nobody takes them');
    };
    const failing = sumOf(trainer, wholeBatch(0), optionsOf(0), { parts: 1, onReady });
    if (device === 'gpu') await expect(failing).rejects.toThrow('nobody takes them');
    else expect(await failing).toEqual(expected);
    const { length } = await sumOf(trainer, wholeBatch(0), optionsOf(0), { parts: 1, onReady: () => {} });
    expect(length).toBe(expected.length);
  });

  it.for([
    [-1, 4, 'expected a sum of \\d+ values, got \\d+'],
    [0, 3, 'parts must be a power of two, got 3'],
    [0, 0.5, 'parts must be a power of two, got 0.5'],
  ] as const)('refuses a sum of %i values more, of %f parts', async ([more, parts, reason]) => {
    const trainer = await prepare();
    const sum = await sumOf(trainer, wholeBatch(0), optionsOf(0), { parts: 4 });
    const error = coded('SUM_MISMATCH', new RegExp(`^graph: applySum: ${reason}`));
    const other = sum.slice(0, sum.length + more);
    await expect(trainer.applySum(other, { ...optionsOf(0), parts })).rejects.toEqual(error);
  });
});

describeOnDevices('a quantized model in parts', (open) => {
  it('has the bits of whole steps where a step has one part', async () => {
    const quantization = placesOf(model, 'onnxruntime');
    const prepare = () => open(model, { seed: 4, settings, quantization });
    const [whole, inParts] = [await prepare(), await prepare()];
    const refused = sumOf(inParts, wholeBatch(0), optionsOf(0), { parts: 2 });
    await expect(refused).rejects.toMatchObject({ code: 'NOT_CALIBRATED' });
    const quant = await rangesByLargest(whole, wholeBatch(0), quantization);
    const { weights } = await whole.state();
    for (const trainer of [whole, inParts]) await trainer.load({ weights, optimizer: {}, quant });
    for (let step = 0; step < 4; step++) await whole.trainStep(wholeBatch(step), optionsOf(step));
    await runInParts(inParts, 0, 4, { parts: 1 });
    expect(await inParts.state()).toEqual(await whole.state());
  });
});

describeInPrecisions('an overflow in a part', (open, _, { precision }) => {
  it.skipIf(precision === 'float32')('has every trainer skip the update', async () => {
    const trainers = [await open(model, { seed: 4, settings }), await open(model, { seed: 4, settings })];
    const { weights } = await (trainers[0] as GraphTrainer).state();
    const { images, ...rest } = wholeBatch(1);
    const broken = {
      ...rest,
      images: (images as Float32Array).map((value, i) => (i === 5000 ? 1e30 : value)),
    };
    const batch = { ...broken, read: async () => broken.images };
    const sum = await sumOf(trainers[1] as GraphTrainer, batch, optionsOf(1), { parts: 4 });
    const states = [];
    for (const trainer of trainers) {
      const { lossScale } = await trainer.applySum(sum, { ...optionsOf(1), parts: 4 });
      expect(lossScale).toEqual({ scale: 50, skipped: 1, isSkipped: true });
      states.push(await trainer.state());
    }
    const [first, second] = states as [TrainerState, TrainerState];
    expect(first).toEqual(second);
    expect(trainable(first.weights)).toEqual(trainable(weights));
  });
});

it('a part of B0 has the bits of a whole step on the CPU', async () => {
  const b0 = efficientNet({ variant: 'b0', resolution: 32 });
  const digests = [];
  for (const isInParts of [false, true]) {
    const trainer = new GraphTrainer({ device: 'cpu', threads: 2 });
    await trainer.prepare(b0, { ...preparation, settings });
    for (let step = 0; step < 3; step++) {
      const batch = makeBatch(imagesOf(4, 32, { factor: step + 1 }));
      if (isInParts) await stepInParts(trainer, batch, optionsOf(step), { parts: 1 });
      else await trainer.trainStep(batch, optionsOf(step));
    }
    digests.push(digestOf(await trainer.state()));
    await trainer.close();
  }
  expect(digests[1]).toBe(digests[0]);
});

function digestOf(state: TrainerState): string {
  const hash = createHash('sha256');
  for (const [part, tensors] of Object.entries(state))
    for (const [name, { data }] of Object.entries(tensors ?? {})) hash.update(`${part}.${name}`).update(data);
  return hash.digest('hex');
}

function largestDistance(some: TensorMap, others: TensorMap): number {
  const distances = Object.entries(some).map(([name, { data }]) => {
    const other = others[name]?.data as Float32Array;
    return data.reduce((most, value, i) => Math.max(most, Math.abs(value - (other[i] as number))), 0);
  });
  return Math.max(...distances);
}
