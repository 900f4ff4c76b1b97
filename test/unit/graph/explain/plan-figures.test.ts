import { describe, expect, it } from 'vitest';
import type { TrainingSettings } from '../../../../src/core/trainer.ts';
import { type PlanFigures, planFigures } from '../../../../src/graph/explain/plan-figures.ts';
import { efficientNet } from '../../../../src/models/efficientnet.ts';
import { trainingSettings } from '../../../support/trainers.ts';

const b0 = efficientNet();

const figuresOf = (isMixed: boolean, settings: Partial<TrainingSettings> = {}): PlanFigures =>
  planFigures({
    ...{ model: b0, rows: 256, height: 224, width: 224, images: 'f16', isMixed },
    settings: { ...trainingSettings, optimizer: 'rmsprop', ...settings },
  });
const bytesFor = ({ memory }: PlanFigures, purpose: string): number =>
  memory.parts.find(({ name }) => name === purpose)?.bytes ?? 0;

const GIB = 2 ** 30;

describe('the plan of a training step of B0 on 256 images in mixed precision', () => {
  const figures = figuresOf(true);

  it('moves at most 33 GB, in at most 400 dispatches', () => {
    expect(figures.bytes).toBeLessThanOrEqual(33e9);
    expect(figures.dispatches).toBeLessThanOrEqual(400);
  });

  it('takes at most 5.0 GiB, of them 3.4 for activations', () => {
    expect(bytesFor(figures, 'activations')).toBeLessThanOrEqual(3.4 * GIB);
    expect(figures.memory.total).toBeLessThanOrEqual(5 * GIB);
  });

  it('moves all activations at least three times: written, read forward, read backward', () => {
    expect(figures.bytes).toBeGreaterThan(3 * bytesFor(figures, 'activations'));
  });

  it('has every dispatch, and what it moves, in one kind of work', () => {
    const sum = (key: 'dispatches' | 'bytes') => figures.works.reduce((total, work) => total + work[key], 0);
    expect(sum('dispatches')).toBe(figures.dispatches);
    expect(sum('bytes')).toBe(figures.bytes);
    const moved = figures.works.map(({ bytes }) => bytes);
    expect(moved).toEqual(moved.toSorted((a, b) => b - a));
  });

  it('moves and keeps nearly half of what float32 does', () => {
    const whole = figuresOf(false);
    expect(bytesFor(whole, 'activations')).toBe(2 * bytesFor(figures, 'activations'));
    expect(whole.bytes / figures.bytes).toBeGreaterThan(1.9);
    expect(whole.bytes / figures.bytes).toBeLessThan(2);
  });
});

describe("a plan's figures", () => {
  it('count the optimizer: SGD remembers half of what RMSprop does', () => {
    const [sgd, rmsprop] = [figuresOf(false, { optimizer: 'sgd' }), figuresOf(false)];
    expect(bytesFor(rmsprop, 'optimizer')).toBe(2 * bytesFor(sgd, 'optimizer'));
    // read and written by each update
    expect(rmsprop.bytes - sgd.bytes).toBe(2 * bytesFor(sgd, 'optimizer'));
  });

  it('count a moving average: its dispatches, and its memory', () => {
    const [without, averaged] = [figuresOf(true), figuresOf(true, { emaDecay: 0.999 })];
    expect(averaged.dispatches - without.dispatches).toBe(2);
    expect(bytesFor(averaged, 'average')).toBe(bytesFor(averaged, 'weights'));
  });

  it('count no backward pass where nothing learns', () => {
    const [whole, half] = [figuresOf(true), figuresOf(true, { frozen: ['stem', 'layers.0', 'layers.1'] })];
    expect(half.bytes / whole.bytes).toBeLessThan(0.65);
    const head = figuresOf(true, { frozen: ['stem', 'layers', 'features'] });
    expect(head.bytes / whole.bytes).toBeLessThan(0.3);
    // activations are then read once, by the next layer
    expect(bytesFor(head, 'activations') / bytesFor(whole, 'activations')).toBeLessThan(0.4);
    const backward = head.works.filter(({ work }) => work.includes('gradient'));
    expect(backward).toMatchObject([{ work: '1x1 filter gradient', dispatches: 2 }]);
  });

  it('count two updates where the classifier has a learning rate of its own', () => {
    const [one, two] = [figuresOf(true), figuresOf(true, { bodyRate: 0.1 })];
    expect(two.dispatches - one.dispatches).toBe(2);
  });
});
