import { describe, expect, it } from 'vitest';
import { drawLevel } from '../../../operators/auto-augment/timm/levels.ts';
import { type RandConfig, readRandConfig } from '../../../operators/auto-augment/timm/rand-config.ts';
import { randAugment } from '../../../operators/image/rand-augment.ts';
import { randomFor } from '../../../src/core/random.ts';

const size = { width: 200, height: 100 };
const { definition } = randAugment;
type Options = Parameters<typeof randAugment>[0];

/** What is drawn for many images. */
function draws(options: Options) {
  const parameters = { ...options } as Parameters<NonNullable<typeof definition.draw>>[0];
  return Array.from({ length: 4000 }, (_, id) =>
    definition.draw?.(parameters, randomFor(1, 0, id, 0), size, 0),
  );
}
const operationsOf = (options: Options) => draws(options).flatMap((drawn) => drawn?.operations ?? []);

describe("timm's text", () => {
  it.each([
    ['rand', {}],
    ['rand-m9-mstd0.5-inc1', { m: 9, mstd: 0.5, inc: 1 }],
    ['rand-inc0-n4-p0.25-mmax20', { inc: 0, n: 4, p: 0.25, mmax: 20 }],
    ['rand-mstd100', { mstd: 100 }],
    ['rand-mstd101', { mstd: Number.POSITIVE_INFINITY }],
    ['rand-mstdinf-tweights', { mstd: Number.POSITIVE_INFINITY, t: 'weights' }],
  ])("'%s' is read, and has timm's values for what it does not say", (text, said) => {
    const defaults = { m: 10, n: 2, p: 0.5, mstd: 0, mmax: 10, inc: 0, t: 'all' };
    expect(readRandConfig(text)).toEqual({ ...defaults, ...said });
  });

  it.each([
    ['', "it begins with 'rand'"],
    ['augmix-m3', "it begins with 'rand'"],
    ['rand-w0', "'w0' is none of its sections m, n, p, mstd, mmax, inc, t"],
    ['rand-', "'' is none of its sections"],
    ['rand-m9.5', "in 'm9.5', m must be an integer of 0..100"],
    ['rand-m', "in 'm', m must be"],
    ['rand-inc', "in 'inc', inc must be an integer of 0..1"],
    ['rand-p1.5', "in 'p1.5', p must be 0..1"],
    ['rand-mstdx', "in 'mstdx', mstd must be a number, above 100 or 'inf' for any level"],
    ['rand-mmax0', "in 'mmax0', mmax must be an integer of 1..30"],
    ['rand-tother', "in 'tother', t must be weights"],
    ['rand-m9-m10', "'m10' says m again"],
  ])("'%s' is refused, and the section named", (config, problem) => {
    expect(() => randAugment({ config })).toThrow(
      `randAugment: config must be timm's text, such as 'rand-m9-mstd0.5-inc1', got '${config}': ${problem}`,
    );
  });

  it('may choose as many operators as a set has', () => {
    expect(readRandConfig('rand-n15-tweights')).toMatchObject({ n: 15 });
  });

  it('stands alone', () => {
    expect(() => randAugment({ config: 'rand-m9', numOps: 2 })).toThrow(
      'randAugment: numOps cannot stand beside config, which says it',
    );
  });
});

describe('levels', () => {
  const levels = (config: string, level: number) => {
    const { mstd: deviation, mmax: highest } = readRandConfig(config) as RandConfig;
    const rng = randomFor(2, 0, 0, 0);
    return Array.from({ length: 10_000 }, () => drawLevel(level, { deviation, highest }, rng));
  };
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  it('are the one that is meant without a deviation, cut to the highest', () => {
    expect(new Set([...levels('rand', 9), ...levels('rand', 12)])).toEqual(new Set([9, 10]));
    expect(new Set(levels('rand-mmax20', 12))).toEqual(new Set([12]));
  });

  it('are normal about it with one', () => {
    const drawn = levels('rand-mstd0.5', 5);
    expect(mean(drawn)).toBeCloseTo(5, 1);
    expect(Math.sqrt(mean(drawn.map((level) => (level - 5) ** 2)))).toBeCloseTo(0.5, 1);
  });

  it('are never below 0 or above the highest', () => {
    const drawn = levels('rand-mstd20', 5);
    expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([0, 10]);
  });

  it('are any up to it with an infinite one', () => {
    const drawn = levels('rand-mstdinf', 8);
    expect(Math.max(...drawn)).toBeLessThan(8);
    expect(mean(drawn)).toBeCloseTo(4, 0);
    expect(drawn.filter((level) => level < 2).length / drawn.length).toBeCloseTo(0.25, 1);
  });
});

describe('randAugment', () => {
  it('draws so many operators an image by numbers, one of 14 of which changes nothing', () => {
    expect(operationsOf({ numOps: 3 }).length / (3 * 4000)).toBeCloseTo(13 / 14, 1);
    expect(operationsOf({ numOps: 0 })).toEqual([]);
  });

  it("is torchvision's where nothing is said", () => {
    expect(draws({})).toEqual(draws({ numOps: 2, magnitude: 9, bins: 31 }));
    const turn = operationsOf({}).find(({ operator }) => operator === 'rotate');
    expect(turn?.parameters).toEqual({ degrees: expect.any(Number), fill: [0, 0, 0] });
    expect(Math.abs(turn?.parameters['degrees'] as number)).toBe(9);
  });

  it('applies what the text chooses as often as it says', () => {
    expect(operationsOf({ config: 'rand-n2-p0.5' }).length / 8000).toBeCloseTo(0.5, 1);
    expect(operationsOf({ config: 'rand-n2-p1' }).length).toBe(8000);
  });

  it("warps as timm's training does: bilinear or bicubic, outside ImageNet's mean", () => {
    const turns = operationsOf({ config: 'rand' }).filter(({ operator }) => operator === 'rotate');
    expect(turns.every(({ parameters }) => String(parameters['fill']) === '124,116,104')).toBe(true);
    const bilinear = turns.filter(({ parameters }) => parameters['interpolation'] === 'bilinear').length;
    expect(bilinear / turns.length).toBeCloseTo(0.5, 0);
    expect(new Set(turns.map(({ parameters }) => parameters['interpolation']))).toEqual(
      new Set(['bilinear', 'bicubic']),
    );
  });

  it('warps as it is told', () => {
    const warps = { interpolation: 'nearest', fill: [1, 2, 3] } as const;
    const turns = operationsOf({ config: 'rand-m5', ...warps }).filter(
      ({ operator }) => operator === 'rotate',
    );
    for (const { parameters } of turns) expect(parameters).toMatchObject(warps);
  });

  it('refuses a magnitude beyond the bins', () => {
    expect(() => randAugment({ magnitude: 31 })).toThrow(
      'randAugment: magnitude must be below bins (31), got 31',
    );
    expect(() => randAugment({ magnitude: 31, bins: 32 })).not.toThrow();
  });
});
