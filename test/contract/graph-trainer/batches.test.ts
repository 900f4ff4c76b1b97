import { expect, it } from 'vitest';
import type { Batch } from '../../../src/core/batch.ts';
import { describeInPrecisions } from '../../support/graph-devices.ts';
import { partsOf, results } from '../../support/graph-training.ts';
import { makeBatch } from '../../support/trainers.ts';
import { model } from '../../support/webgpu-trainers.ts';

// the third needs more memory than there is: it grows after programs were bound to it
const shapes = [
  [4, 16, 16],
  [1, 16, 16],
  [6, 24, 24],
  [4, 16, 16],
  [3, 9, 14],
] as const;

describeInPrecisions('the graph trainer on batches of several shapes', (open) => {
  it('has the bits of a trainer that had each alone', async () => {
    const trainer = await open(model);
    const start = await trainer.state();
    for (const [rows, height, width] of shapes) {
      const trained = makeBatch(partsOf(rows, height, { width }));
      const evaluated = makeBatch(partsOf(rows + 1, height, { width, factor: 2 }));
      await trainer.load(start);
      const [step, evaluation] = [await results(trainer, trained), await trainer.evaluateStep(evaluated)];
      const alone = await open(model);
      expect(step).toEqual(await results(alone, trained));
      expect(evaluation).toEqual(await alone.evaluateStep(evaluated));
    }
  });

  it('evaluates a row alike in whichever batch it stands', async () => {
    const trainer = await open(model);
    const five = partsOf(5, 16);
    const logits = await trainer.predict(makeBatch(five));
    const pixels = 16 * 16 * 3;
    const rest = { ...partsOf(2, 16), images: five.images.slice(3 * pixels) };
    expect(await trainer.predict(makeBatch(rest))).toEqual(logits.slice(9));
  });

  it('works on several at once', async () => {
    const trainer = await open(model);
    const batches = [1, 3, 2].map((factor) => makeBatch(partsOf(4, 16, { factor })));
    const expected = [];
    for (const batch of batches) expected.push(await trainer.evaluateStep(batch));
    expect(await Promise.all(batches.map((batch) => trainer.evaluateStep(batch)))).toEqual(expected);
    const [, result] = await Promise.all([
      trainer.close(),
      trainer.predict(batches[0] as Batch).catch((error) => error.code),
    ]);
    expect(result).toBe('NOT_PREPARED');
  });

  it('ends what is at work before it closes', async () => {
    const trainer = await open(model);
    const batch = makeBatch(partsOf(4, 16));
    const expected = await trainer.evaluateStep(batch);
    const [result] = await Promise.all([trainer.evaluateStep(batch), trainer.close()]);
    expect(result).toEqual(expected);
  });
});
