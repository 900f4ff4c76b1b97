import { from, lastValueFrom, toArray } from 'rxjs';
import { expect, it } from 'vitest';
import { trainWith } from '../../../operators/stream/train-with.ts';
import { makeBatch, scalingTrainer, trainingSettings } from '../../support/trainers.ts';

const batch = makeBatch({
  images: new Float32Array(3),
  shape: [1, 1, 1, 3],
  labels: Int32Array.of(0),
});

it('tells of each step the loss scale that a trainer in mixed precision has', async () => {
  const trainer = scalingTrainer({ overflows: (step) => step === 1 });
  const scales = async () => {
    const steps = await lastValueFrom(from([batch, batch]).pipe(trainWith(trainer), toArray()));
    return steps.map(({ lossScale }) => lossScale);
  };
  const preparation = { seed: 1, settings: trainingSettings };
  await trainer.prepare(undefined, { ...preparation, precision: 'float32' });
  expect(await scales()).toEqual([undefined, undefined]);
  const lossScaling = { initial: 8, growthInterval: Number.POSITIVE_INFINITY };
  await trainer.prepare(undefined, { ...preparation, precision: 'mixed', lossScaling });
  expect(await scales()).toEqual([
    { scale: 8, skipped: 0, isSkipped: false },
    { scale: 4, skipped: 1, isSkipped: true },
  ]);
});
