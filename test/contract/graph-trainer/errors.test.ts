import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/core/batch.ts';
import type { PrepareOptions } from '../../../src/core/trainer.ts';
import { createTrainer } from '../../../src/trainers/graph/graph-trainer.ts';
import { blendedBy } from '../../support/blended-by.ts';
import { beyondMemory, noStep } from '../../support/cpu-programs.ts';
import { coded } from '../../support/errors.ts';
import {
  describeInPrecisions,
  describeOnDevices,
  graphDevices,
  useTrainers,
} from '../../support/graph-devices.ts';
import { makeBatch } from '../../support/trainers.ts';
import { model, parts, preparation, step } from '../../support/webgpu-trainers.ts';

const batch = makeBatch(parts);

describeOnDevices('what the graph trainer refuses when it is prepared', (open, { options }) => {
  const prepare = (more: Partial<PrepareOptions>) => open(model, more);

  it.for(['tf32', 'bfloat16', undefined])('a precision that it has not: %s', async (precision) => {
    await expect(prepare({ precision: precision as 'tf32' })).rejects.toThrow(
      coded(
        'UNSUPPORTED_PRECISION',
        new RegExp(`^graph: precision must be float32 or mixed, got ${precision}$`),
      ),
    );
  });

  it('a model with channels that are no multiple of 4', async () => {
    const odd = { ...model, stem: { ...model.stem, outChannels: 6 } };
    await expect(createTrainer(options).prepare(odd, preparation)).rejects.toThrow(
      coded('UNSUPPORTED_MODEL', /^graph: stem: channels must be a multiple of 4, got 6$/),
    );
  });
});

it('refuses mixed precision on the CPU, and trains in float32 after that', async () => {
  const trainer = createTrainer(graphDevices[0].options);
  const message =
    /^graph: the CPU computes in float32 alone, got precision mixed; mixed precision needs a GPU$/;
  await expect(trainer.prepare(model, { ...preparation, precision: 'mixed' })).rejects.toThrow(
    coded('UNSUPPORTED_PRECISION', message),
  );
  await trainer.prepare(model, preparation);
  expect((await trainer.trainStep(batch, step)).loss).toBeGreaterThan(0);
  await trainer.close();
});

describeInPrecisions('a batch that the graph trainer cannot take', (open, { options }) => {
  /** That the trainer refuses it and goes on as if it had not been asked. */
  const expectRefused = async (bad: Batch, error: unknown) => {
    const trainer = await open(model);
    await trainer.trainStep(batch, { ...step, apply: false });
    const before = await trainer.state();
    await expect(trainer.trainStep(bad, step)).rejects.toThrow(error as Error);
    expect(await trainer.state()).toEqual(before);
    const after = await trainer.trainStep(batch, { ...step, step: 1 });
    const other = await open(model);
    await other.load(before);
    expect(await other.trainStep(batch, { ...step, step: 1 })).toEqual(after);
  };

  it('is one with more rows than fit, and it says how many do', async () => {
    const rows = 40_000;
    const large = makeBatch({
      images: new Float32Array(0),
      shape: [rows, 64, 64, 3],
      labels: new Int32Array(rows),
    });
    const memory = options.device === 'cpu' ? 'memory' : 'GPU memory';
    const message = `^graph: no ${memory} for a batch of 40000 images of 64 x 64 .*; a batch of \\d+ needs `;
    await expectRefused(large, coded('OUT_OF_MEMORY', new RegExp(message)));
  });

  it('is one with a label out of range, of its own or of a partner', async () => {
    const labels = Int32Array.of(0, 1, 3, 0);
    const error = coded('LABEL_RANGE', /^row 2: label must be 0..2, got 3$/);
    await expectRefused(makeBatch({ ...parts, labels }), error);
    const trainer = await open(model);
    const mixing = blendedBy(0.5, labels);
    await expect(trainer.trainStep(makeBatch({ ...parts, mixing }), step)).rejects.toThrow(error);
    await expect(trainer.evaluateStep(makeBatch({ ...parts, labels }))).rejects.toThrow(error);
  });

  it.for([
    [
      'no rows',
      { images: new Float32Array(0), shape: [0, 16, 16, 3], labels: new Int32Array(0) },
      /RGB images/,
    ],
    ['four channels', { images: new Float32Array(4096), shape: [4, 16, 16, 4] }, /got the shape 4,16,16,4$/],
    ['too few labels', { labels: Int32Array.of(0, 1) }, /^expected 4 labels, one per row, got 2$/],
    ['too few images', { images: new Float32Array(768) }, /^expected images of 3072 values, got 768$/],
  ] as const)('is one with %s', async ([, wrong, message]) => {
    const bad = makeBatch({ ...parts, ...wrong });
    await expectRefused(bad, coded('BATCH_SHAPE', message));
    await expect((await open(model)).evaluateStep(bad)).rejects.toThrow(coded('BATCH_SHAPE', message));
  });

  it('is one whose images cannot be read', async () => {
    const lost = { ...batch, read: () => Promise.reject(new Error('the disk is gone')) };
    await expectRefused(lost, coded('GRAPH_FAILED', /^graph: trainStep: the disk is gone$/));
  });
});

describeInPrecisions('images with a value that is no number', (open) => {
  const images = parts.images.map((value, i) => (i === 777 ? Number.NaN : value));
  const bad = makeBatch({ ...parts, images });

  it('make the loss none, and a state that was saved before goes on', async () => {
    const trainer = await open(model);
    await trainer.trainStep(batch, step);
    const before = await trainer.state();
    const next = { ...step, step: 1, losses: true };
    const expected = await trainer.trainStep(batch, next);
    await trainer.load(before);
    const { loss, losses } = await trainer.trainStep(bad, next);
    expect(loss).toBeNaN();
    expect([...(losses as Float32Array)].every(Number.isFinite)).toBe(false);
    await trainer.load(before);
    expect(await trainer.trainStep(batch, next)).toEqual(expected);
  });

  it('have no best guess', async () => {
    const trainer = await open(model);
    const { lossSum, top1, rows } = await trainer.evaluateStep(bad);
    expect(lossSum).toBeNaN();
    expect(rows).toBe(4);
    expect(top1).toBeLessThan(4);
  });
});

describe('a graph trainer on the CPU that loses a thread', () => {
  const open = useTrainers(graphDevices[0]);
  const lost = coded('THREAD_LOST', /^cpu tensors, thread \d: .*out of bounds/);

  it('rejects, and so does all that comes after; other threads go on from the state before', async () => {
    const trainer = await open(model);
    await trainer.trainStep(batch, step);
    const before = await trainer.state();
    const next = { ...step, step: 1 };
    const expected = await trainer.trainStep(batch, next);
    const { executor } = trainer.session;
    executor.run(await executor.prepare(beyondMemory()), ['calls'], noStep);
    const [stepping, waiting] = [trainer.trainStep(batch, next), trainer.state()];
    await expect(stepping).rejects.toThrow(lost);
    await expect(waiting).rejects.toThrow(lost);
    await expect(trainer.evaluateStep(batch)).rejects.toThrow(lost);
    await trainer.prepare(model, preparation);
    await trainer.load(before);
    expect(await trainer.trainStep(batch, next)).toEqual(expected);
  });
});
