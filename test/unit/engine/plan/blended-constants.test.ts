import { describe, expect, it } from 'vitest';
import { cutmix, erase, images, mix, mixup, normalize, pipeline, type Step } from '../../../../src/index.ts';
import { coded } from '../../../support/errors.ts';
import { patternImage } from '../../../support/raw-images.ts';
import { collect } from '../../../support/streams.ts';
import { mixesBy } from '../../../support/unruly.ts';

const dataset = images([0, 1, 2, 3].map((i) => ({ image: patternImage(i, 4, 4), label: i })));
const piped = (...steps: readonly Step[]) => pipeline(dataset, { batchSize: 4, workers: 0 }).pipe(...steps);
const filled = (value: number, more: Parameters<typeof erase>[0] = {}) =>
  erase({ probability: 1, area: [0.2, 0.4], ...more, fill: [0, value, 0] });
const tooLarge = (message: RegExp) => coded('FILL_TOO_LARGE', message);

describe('a constant that is erased with', () => {
  it('is refused when the pipeline is built, where it is too large to be blended', () => {
    expect(() => piped(filled(-100), mixup(0.2))).toThrow(
      tooLarge(
        /^erase: fill must be below 8 in magnitude, since mixup blends it with normalised pixels, got -100; take a smaller one, or let erase stand after mixup$/,
      ),
    );
    expect(() => piped(filled(8), mixesBy({}))).toThrow(tooLarge(/since mixesBy blends/));
    expect(() => piped(filled(8), mixup(0))).toThrow(tooLarge(/since mixup blends/));
    for (const options of [{ mixup: 1 }, { mixup: 1, cutmix: 1 }, { mixup: 1, switchProb: 1 }])
      expect(() => piped(filled(8), mix(options))).toThrow(tooLarge(/since mix blends/));
  });

  it.each(['float16', 'float32'] as const)('may be all that a blend holds, in %s', async (dtype) => {
    // the largest double for which terms fit
    const most = 8 - 2 ** -27;
    expect(() => piped(filled(most), mixup(0.2))).toThrow(tooLarge(/got 7\.99999999/));
    const [batch] = await collect(piped(normalize({ dtype }), filled(most - 2 ** -48), mixup(0.2)));
    const infinite = [...(batch?.images ?? [])].filter((value) =>
      dtype === 'float16' ? (value & 0x7c00) === 0x7c00 : !Number.isFinite(value),
    );
    expect(infinite).toEqual([]);
  });

  it('may be larger where normalised pixels are', async () => {
    const bytes = normalize({ mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] });
    await collect(piped(bytes, filled(255), mixup(0.2)));
    expect(() => piped(bytes, filled(256), mixup(0.2))).toThrow(tooLarge(/below 256 in magnitude/));
  });

  it('may be as large as the operator says where no row is blended after it', async () => {
    for (const steps of [
      [filled(1000)],
      [filled(1000), cutmix()],
      [filled(1000), mix({ cutmix: 1 })],
      [filled(1000), mix({ mixup: 1, minmax: [0.2, 0.8], switchProb: 1 })],
      [filled(1000), mix({ mixup: 1, prob: 0 })],
      [filled(1000), mixesBy({ blends: () => false, draw: () => undefined })],
      [mixup(1), filled(1000)],
      [filled(1000, { value: 'noise' }), mixup(1)],
    ] as const)
      expect(await collect(piped(...steps))).toHaveLength(1);
  });

  it('is refused by name where the step that mixes has a fault', () => {
    const blends = () => {
      throw new RangeError('no idea');
    };
    expect(() => piped(filled(1), mixesBy({ blends }))).toThrow(
      'mixesBy: RangeError: no idea: a fault in the',
    );
  });
});
