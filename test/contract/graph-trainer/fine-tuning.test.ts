import { expect, it } from 'vitest';
import type { PrepareOptions, TensorMap, TrainerState, TrainingSettings } from '../../../src/core/trainer.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import type { GraphTrainer } from '../../../src/trainers/graph/graph-trainer.ts';
import { distanceOf } from '../../support/finite-differences.ts';
import { describeInPrecisions } from '../../support/graph-devices.ts';
import { batchOf, model, run, running, settings, trainable } from '../../support/graph-training.ts';

const step = { learningRate: 0.05, apply: true, lossScale: 1, step: 0 };
// the backward pass ends within a block, and one layer above it is frozen as well
const frozen = ['stem', 'layers.0', 'layers.1.block0.expand', 'layers.4.block0.depsep'];
const isFrozen = (name: string): boolean => frozen.some((prefix) => name.startsWith(`${prefix}.`));

describeInPrecisions('fine-tuning by the graph', (open, _, { precision }) => {
  const prepare = (more: Partial<TrainingSettings> = {}, options: Partial<PrepareOptions> = {}) =>
    open(model, { seed: 4, settings: { ...settings, ...more }, ...options });
  /** The state after steps that bring every memory about, and after more of a trainer that starts from it. */
  const trained = async (trainer: GraphTrainer): Promise<TrainerState> => {
    const first = await prepare();
    await run(first, 0, 4);
    const { weights } = await first.state();
    await trainer.load({ weights, optimizer: {} });
    return trainer.state();
  };

  it('leaves what is frozen as it is, bit for bit', async () => {
    const trainer = await prepare({ frozen });
    const before = await trained(trainer);
    await run(trainer, 0, 4);
    const after = await trainer.state();
    for (const set of ['weights', 'average'] as const) {
      const [was, is] = [before[set] as TensorMap, after[set] as TensorMap];
      expect(partOf(is, isFrozen)).toEqual(partOf(was, isFrozen));
      for (const [name, { data }] of Object.entries(partOf(is, (one) => !isFrozen(one))))
        expect(data, name).not.toEqual(was[name]?.data);
    }
    for (const [name, { data }] of Object.entries(after.optimizer))
      expect(
        data.some((value) => value !== 0),
        name,
      ).toBe(!isFrozen(name.slice(name.indexOf('.') + 1)));
  });

  it('gives the rest the gradients that it would have beside layers that learn', async () => {
    const [part, whole] = [await prepare({ frozen }), await prepare()];
    for (const trainer of [part, whole]) {
      await trained(trainer);
      await trainer.trainStep(batchOf(1), { ...step, apply: false, fixedStatistics: true });
    }
    const [actual, expected] = [(await part.state()).gradients, (await whole.state()).gradients];
    const rest = (map: TensorMap = {}) => partOf(map, (name) => !isFrozen(name));
    // other plans round other values to float16
    expect(relativeDistance(rest(actual), rest(expected))).toBeLessThan(precision === 'mixed' ? 0.02 : 1e-5);
  });

  it('resumes with what is frozen, to the same bits', async () => {
    const [whole, resumed] = [
      await prepare({ frozen, bodyRate: 0.5 }),
      await prepare({ frozen, bodyRate: 0.5 }),
    ];
    await run(whole, 0, 3);
    await resumed.load(await whole.state());
    expect(await run(resumed, 3, 6)).toEqual(await run(whole, 3, 6));
    expect(await resumed.state()).toEqual(await whole.state());
  });

  it('averages what is frozen to what it is, whatever its average was', async () => {
    const trainer = await prepare({ frozen });
    const { weights } = await trained(trainer);
    const average = (await (await prepare({}, { seed: 9 })).state()).weights;
    await trainer.load({ weights, optimizer: {}, average });
    const state = await trainer.state();
    expect(state.average).toEqual({ ...average, ...partOf(weights, isFrozen) });
  });

  it('trains with fixed statistics and without, from step to step', async () => {
    const trainer = await prepare();
    const before = await trained(trainer);
    await trainer.trainStep(batchOf(1), { ...step, fixedStatistics: true });
    const fixed = await trainer.state();
    expect(running(fixed.weights)).toEqual(running(before.weights));
    for (const [name, { data }] of Object.entries(trainable(fixed.weights)))
      expect(data, name).not.toEqual(before.weights[name]?.data);
    await trainer.trainStep(batchOf(1), step);
    const { weights } = await trainer.state();
    for (const [name, { data }] of Object.entries(running(weights)))
      expect(data, name).not.toEqual(before.weights[name]?.data);
  });

  it('has with fixed statistics the loss of an evaluation', async () => {
    // the running statistics are then a batch's
    const others = { dropout: 0, finalSurvival: 1, batchNormMomentum: 1 };
    const plain = efficientNet({ ...model.options, ...others });
    const trainer = await open(plain, { settings: { ...settings, labelSmoothing: 0 } });
    const { mixing: _, ...batch } = batchOf(2);
    await trainer.trainStep({ ...batch, mixing: undefined }, { ...step, learningRate: 0 });
    const { lossSum, rows } = await trainer.evaluateStep(batchOf(2));
    const options = { ...step, apply: false, fixedStatistics: true };
    const { loss } = await trainer.trainStep({ ...batch, mixing: undefined }, options);
    expect(loss).toBeCloseTo(lossSum / rows, precision === 'mixed' ? 2 : 5);
  });

  it('has a learning rate for all but the classifier', async () => {
    const weightsAfter = async (bodyRate: number | undefined, learningRate: number) => {
      const trainer = await prepare(bodyRate === undefined ? {} : { bodyRate });
      await trainer.trainStep(batchOf(0), { ...step, learningRate });
      return trainable((await trainer.state()).weights);
    };
    const isOfClassifier = (name: string) => name.startsWith('classifier.fc.');
    const isOfBody = (name: string) => !isOfClassifier(name);
    const [whole, slow, none] = [
      await weightsAfter(0.1, 0.05),
      await weightsAfter(undefined, 0.1 * 0.05),
      await weightsAfter(0, 0.05),
    ];
    expect(partOf(whole, isOfBody)).toEqual(partOf(slow, isOfBody));
    const alike = await weightsAfter(undefined, 0.05);
    for (const map of [whole, none])
      expect(partOf(map, isOfClassifier)).toEqual(partOf(alike, isOfClassifier));
    const first = trainable((await (await prepare()).state()).weights);
    expect(partOf(none, isOfBody)).toEqual(partOf(first, isOfBody));
  });

  it('refuses what freezes nothing, or all', async () => {
    await expect(prepare({ frozen: ['stem', 'layer'] })).rejects.toThrow(
      'frozen (--freeze): must begin names of layers, stem, layers.0, ',
    );
    const all = ['stem', 'layers', 'features', 'classifier'];
    await expect(prepare({ frozen: all })).rejects.toThrow('leaves no layer that learns');
  });
});

const partOf = (map: TensorMap, isPart: (name: string) => boolean): TensorMap =>
  Object.fromEntries(Object.entries(map).filter(([name]) => isPart(name)));

/** The largest distance of two tensors, over the largest value of all. */
function relativeDistance(actual: TensorMap, expected: TensorMap): number {
  const largest = Math.max(
    ...Object.values(expected).flatMap(({ data }) => data.map(Math.abs).reduce((a, b) => Math.max(a, b))),
  );
  const distances = Object.entries(expected).map(([name, { data }]) =>
    distanceOf(Float64Array.from(actual[name]?.data ?? []), Float64Array.from(data)),
  );
  return Math.max(...distances) / largest;
}
