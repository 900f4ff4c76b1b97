import { describe, expect, it } from 'vitest';
import { drawLayers, type Layers } from '../../../operators/auto-augment/layers.ts';
import { trivialAugmentWide } from '../../../operators/auto-augment/torchvision/trivial-augment.ts';
import { randomFor } from '../../../src/core/random.ts';

const size = { width: 100, height: 80 };
const COUNT = 20_000;
const drawAll = (layers: Layers) =>
  Array.from({ length: COUNT }, (_, id) => drawLayers(layers, randomFor(3, 0, id, 0), size).operations);
/** Five standard deviations of a share. */
const bound = (share: number) => 5 * Math.sqrt((share * (1 - share)) / COUNT);
const shareOf = (is: readonly boolean[]) => is.filter(Boolean).length / is.length;

describe('trivialAugment', () => {
  const layers = trivialAugmentWide({ bins: 31 });
  const drawn = drawAll(layers);

  it('draws one of its 14 operators, each as often; one changes nothing', () => {
    for (const choice of layers.choices) {
      const name = choice === 'identity' ? undefined : choice;
      const share = shareOf(drawn.map(([operation]) => operation?.operator === name));
      expect(Math.abs(share - 1 / 14), choice).toBeLessThan(bound(1 / 14));
    }
    expect(drawn.every((operations) => operations.length <= 1)).toBe(true);
  });

  it('draws every magnitude and both signs', () => {
    const degrees = drawn.flatMap(([operation]) =>
      operation?.operator === 'rotate' ? [operation.parameters['degrees'] as number] : [],
    );
    const magnitudes = new Set(degrees.map(Math.abs));
    expect([magnitudes.size, Math.max(...magnitudes)]).toEqual([31, 135]);
    const turned = degrees.filter((value) => value !== 0);
    expect(Math.abs(shareOf(turned.map((value) => value < 0)) - 0.5)).toBeLessThan(0.1);
  });
});

describe('weighted layers', () => {
  const layers: Layers = {
    count: 2,
    choices: ['invert', 'equalize', 'autoContrast'],
    weights: [1, 2, 5],
    probability: 1,
    drawLevel: () => 0,
    magnitudes: { invert: () => ({}), equalize: () => ({}), autoContrast: () => ({}) },
  };
  const drawn = drawAll(layers).map((operations) => operations.map(({ operator }) => operator));

  it('never draw an operator twice for an image', () => {
    for (const [first, second] of drawn) expect(second).not.toBe(first);
  });

  it('draw each as often as its weight says among those that are left', () => {
    const first = shareOf(drawn.map(([operator]) => operator === 'equalize'));
    expect(Math.abs(first - 2 / 8)).toBeLessThan(bound(2 / 8));
    const afterContrast = drawn.filter(([operator]) => operator === 'autoContrast');
    const then = shareOf(afterContrast.map(([, operator]) => operator === 'equalize'));
    expect(Math.abs(then - 2 / 3)).toBeLessThan(0.03);
  });

  it('apply what was chosen as often as their probability says', () => {
    const applied = drawAll({ ...layers, probability: 0.3 }).flat().length / (2 * COUNT);
    expect(Math.abs(applied - 0.3)).toBeLessThan(bound(0.3));
  });
});
