import { describe, expect, it } from 'vitest';
import { efficientNet, scaleChannels, type Variant } from '../../../src/models/efficientnet.ts';
import { countParameters, initialWeights, isDecayed, parametersOf } from '../../../src/models/parameters.ts';

describe('efficientNet', () => {
  it.each<[Variant, number]>([
    ['b0', 5_288_548],
    ['b1', 7_794_184],
    ['b2', 9_109_994],
    ['b3', 12_233_232],
    ['b4', 19_341_616],
    ['b5', 30_389_784],
    ['b6', 43_040_704],
    ['b7', 66_347_960],
    ['widese-b0', 8_423_848],
    ['widese-b4', 34_927_246],
  ])('gives %s the %i parameters of the reference', (variant, count) => {
    expect(countParameters(efficientNet({ variant }))).toBe(count);
  });

  it.each<[Variant, number[], number[], number[]]>([
    [
      'b0',
      [16, 24, 40, 80, 112, 192, 320],
      [8, 4, 6, 6, 10, 10, 20, 20, 20, 28, 28, 28, 48, 48, 48, 48],
      [32, 1280],
    ],
    ['widese-b0', [16, 24, 40, 80, 112, 192, 320], [8, 24, 36, 36, 60, 60, 120, 120, 120, 168], [32, 1280]],
    ['b4', [24, 32, 56, 112, 160, 272, 448], [12, 6, 6, 8, 8, 8, 8, 14, 14, 14, 14, 28], [48, 1792]],
    ['widese-b4', [24, 32, 56, 112, 160, 272, 448], [12, 6, 36, 48, 48, 48, 48, 84], [48, 1792]],
  ])('gives %s the widths of the published table', (variant, widths, squeezed, [stem, features]) => {
    const model = efficientNet({ variant });
    const stageWidths = widths.map((_, stage) => {
      const block = model.blocks.find(({ name }) => name === `layers.${stage}.block0`);
      return block?.project.outChannels;
    });
    expect(stageWidths).toEqual(widths);
    expect(model.blocks.slice(0, squeezed.length).map((block) => block.squeeze.outFeatures)).toEqual(
      squeezed,
    );
    expect([model.stem.outChannels, model.features.outChannels]).toEqual([stem, features]);
  });

  it('drops blocks of b4 only, from 0.99375 down to 0.80625', () => {
    const residual = efficientNet({ variant: 'b4' }).blocks.filter((block) => block.residual);
    expect(residual.length).toBe(25);
    expect(residual[0]?.survival).toBeCloseTo(0.99375, 10);
    expect(residual.at(-1)?.survival).toBeCloseTo(0.80625, 10);
    expect(efficientNet({ variant: 'b0' }).blocks.every((block) => block.survival === 1)).toBe(true);
  });

  it('names tensors as the reference does', () => {
    const parameters = parametersOf(efficientNet());
    const shapes = Object.fromEntries(parameters.map(({ name, shape }) => [name, shape]));
    expect(shapes).toMatchObject({
      'stem.conv.weight': [32, 3, 3, 3],
      'stem.bn.running_var': [32],
      'layers.0.block0.depsep.conv.weight': [32, 1, 3, 3],
      'layers.2.block1.expand.conv.weight': [240, 40, 1, 1],
      'layers.2.block1.se.squeeze.weight': [10, 240],
      'layers.2.block1.se.expand.bias': [240],
      'layers.6.block0.proj.conv.weight': [320, 1152, 1, 1],
      'features.bn.weight': [1280],
      'classifier.fc.weight': [1000, 1280],
    });
    // 49 batch norms less, for PyTorch's counters num_batches_tracked
    expect(parameters.length).toBe(360 - 49);
    const trainable = parameters.filter((parameter) => parameter.trainable);
    expect(trainable.filter(({ name }) => isDecayed(name)).length).toBe(115);
    expect(trainable.filter(({ name }) => !isDecayed(name)).length).toBe(98);
  });

  it('builds a small model from width, depth, resolution, classes and stem stride', () => {
    const model = efficientNet({ width: 0.5, depth: 0.5, resolution: 64, classes: 8, stemStride: 1 });
    expect(model).toMatchObject({ resolution: 64, classes: 8, stem: { stride: 1, outChannels: 16 } });
    expect(model.blocks.map(({ name }) => name).length).toBe(1 + 1 + 1 + 2 + 2 + 2 + 1);
  });

  it('rounds channels to multiples of eight, never below nine tenths', () => {
    expect([scaleChannels(16, 1.4), scaleChannels(32, 1.1), scaleChannels(24, 0.25)]).toEqual([24, 32, 8]);
    expect(scaleChannels(10, 1)).toBe(16);
  });

  it.each([
    [{ width: 0 }, /width must be above 0/],
    [{ dropout: Number.NaN }, /dropout must be/],
    [{ classes: 0 }, /classes must be an integer/],
    [{ variant: 'b9' as Variant }, /variant must be one of b0/],
  ])('names what is wrong in %o', (options, message) => {
    expect(() => efficientNet(options)).toThrow(message);
  });
});

describe('initialWeights', () => {
  const model = efficientNet({ variant: 'b0', classes: 10 });
  const weights = initialWeights(model, 7);

  it('depends on the seed alone', () => {
    const again = initialWeights(model, 7);
    const other = initialWeights(model, 8);
    const name = 'stem.conv.weight';
    expect(again[name]?.data).toEqual(weights[name]?.data);
    expect(other[name]?.data).not.toEqual(weights[name]?.data);
  });

  it('draws convolutions with the standard deviation of Kaiming fan-in', () => {
    const deviation = (name: string): number => {
      const data = weights[name]?.data as Float32Array;
      return Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);
    };
    expect(deviation('layers.6.block0.proj.conv.weight')).toBeCloseTo(Math.sqrt(2 / 1152), 3);
    expect(deviation('layers.5.block1.depsep.conv.weight')).toBeCloseTo(Math.sqrt(2 / 25), 2);
  });

  it('keeps dense layers within one over the root of their inputs', () => {
    const data = weights['classifier.fc.weight']?.data as Float32Array;
    const largest = Math.max(...data.map(Math.abs));
    expect(largest).toBeLessThanOrEqual(1 / Math.sqrt(1280));
    expect(largest).toBeGreaterThan(0.99 / Math.sqrt(1280));
  });
});
