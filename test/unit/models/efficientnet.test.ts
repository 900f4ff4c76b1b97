import { backend_util } from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { modelFor } from '../../../src/models/architecture.ts';
import { type EfficientNet, efficientNet } from '../../../src/models/efficientnet.ts';
import { marginsOf, outputSide } from '../../../src/models/layers.ts';
import { countMultiplyAdds } from '../../../src/models/multiply-adds.ts';
import {
  countParameters,
  initialWeights,
  isDecayed,
  type ModelTensor,
  parametersOf,
  sizeOf,
} from '../../../src/models/parameters.ts';
import {
  type ConvolutionInit,
  type Padding,
  scaleChannels,
  type Variant,
} from '../../../src/models/scaling.ts';

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

  it.each<[Variant, number, number, number]>([
    ['b0', 3_328_992, 42_016, 636_540],
    ['widese-b0', 3_328_992, 42_016, 3_771_840],
    ['b4', 14_276_968, 125_200, 3_146_448],
    ['widese-b4', 14_276_968, 125_200, 18_732_078],
  ])('gives %s as many in convolutions, batch norm and squeeze-and-excite', (variant, ...counts) => {
    const parameters = parametersOf(efficientNet({ variant })).filter(({ trainable }) => trainable);
    const count = (isOf: (parameter: ModelTensor) => boolean) =>
      parameters.filter(isOf).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const kinds = ['.conv.', '.bn.', '.se.'].map((part) => count(({ name }) => name.includes(part)));
    expect(kinds).toEqual(counts);
  });

  // millions, to the digit that is published: at the model's own resolution, of these depthwise, and at 224
  it.each<[Variant, number, number, number]>([
    ['b0', 385.8, 34.5, 385.8],
    ['widese-b0', 388.9, 34.5, 388.9],
    ['b4', 4393.8, 299.1, 1503.7],
    ['widese-b4', 4409.4, 299.1, 1519.3],
  ])('takes for %s the multiply-adds of the reference', (variant, ...expected) => {
    const model = efficientNet({ variant });
    const { total, depthwise } = countMultiplyAdds(model);
    const counts = [total, depthwise, countMultiplyAdds(model, 224).total];
    expect(counts.map((count) => Math.round(count / 1e5) / 10)).toEqual(expected);
  });

  // blocks a stage; output channels; squeezed features of each stage's first block and of the others; stem and head
  const b0 = { repeats: [1, 2, 2, 3, 3, 4, 1], channels: [16, 24, 40, 80, 112, 192, 320], ends: [32, 1280] };
  const b4 = { repeats: [2, 4, 4, 6, 6, 8, 2], channels: [24, 32, 56, 112, 160, 272, 448], ends: [48, 1792] };
  it.each<[Variant, typeof b0, number[], number[]]>([
    ['b0', b0, [8, 4, 6, 10, 20, 28, 48], [0, 6, 10, 20, 28, 48, 0]],
    ['widese-b0', b0, [8, 24, 36, 60, 120, 168, 288], [0, 36, 60, 120, 168, 288, 0]],
    ['b4', b4, [12, 6, 8, 14, 28, 40, 68], [6, 8, 14, 28, 40, 68, 112]],
    ['widese-b4', b4, [12, 36, 48, 84, 168, 240, 408], [6, 48, 84, 168, 240, 408, 672]],
  ])(
    'builds %s of the stages of the published table',
    (variant, { repeats, channels, ends }, first, rest) => {
      const model = efficientNet({ variant });
      const kernels = [3, 3, 5, 3, 5, 5, 3];
      const strides = [1, 2, 2, 2, 1, 2, 1];
      const expected = repeats.flatMap((count, stage) =>
        Array.from({ length: count }, (_, index) => ({
          name: `layers.${stage}.block${index}`,
          kernel: kernels[stage],
          stride: index === 0 ? strides[stage] : 1,
          channels: channels[stage],
          squeezed: (index === 0 ? first : rest)[stage],
          expansion: stage === 0 ? 1 : 6,
        })),
      );
      const built = model.blocks.map(({ name, expand, depthwise, squeeze, project }) => ({
        name,
        kernel: depthwise.kernel,
        stride: depthwise.stride,
        channels: project.outChannels,
        squeezed: squeeze.outFeatures,
        expansion: depthwise.inChannels / (expand ?? depthwise).inChannels,
      }));
      expect(built).toEqual(expected);
      expect([model.stem.outChannels, model.features.outChannels]).toEqual(ends);
      expect(countBatchNorms(model)).toBe(variant.endsWith('b0') ? 49 : 96);
      expect(model.blocks.filter(({ residual }) => residual).length).toBe(variant.endsWith('b0') ? 9 : 25);
    },
  );

  it.each<[Variant, number, number]>([
    ['b0', 224, 0.2],
    ['b1', 240, 0.2],
    ['b2', 260, 0.3],
    ['b3', 300, 0.3],
    ['b4', 380, 0.4],
    ['b5', 456, 0.4],
    ['b6', 528, 0.5],
    ['b7', 600, 0.5],
    ['widese-b0', 224, 0.2],
    ['widese-b4', 380, 0.4],
  ])('sees with %s images of %i pixels and drops %d of the features', (variant, resolution, dropout) => {
    expect(efficientNet({ variant })).toMatchObject({ resolution, dropout });
  });

  it.each<Variant>(['b4', 'widese-b4'])(
    'drops residual block i of %s with probability 0.2 i / 32',
    (variant) => {
      const { blocks } = efficientNet({ variant });
      const expected = blocks.map(({ residual }, index) => (residual ? 1 - (0.2 * index) / 32 : 1));
      for (const [index, { survival }] of blocks.entries())
        expect(survival).toBeCloseTo(expected[index] as number, 12);
      expect([blocks[1]?.survival, blocks[31]?.survival]).toEqual([
        expect.closeTo(0.99375, 12),
        expect.closeTo(0.80625, 12),
      ]);
    },
  );

  it.each<Variant>(['b0', 'b1', 'b2', 'b3', 'b5', 'b6', 'b7', 'widese-b0'])(
    'never drops a block of %s',
    (variant) => {
      expect(efficientNet({ variant }).blocks.every(({ survival }) => survival === 1)).toBe(true);
    },
  );

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

  it('leaves out of weight decay what the reference does in b4', () => {
    const trainable = parametersOf(efficientNet({ variant: 'b4' })).filter(
      (parameter) => parameter.trainable,
    );
    const decayed = trainable.filter(({ name }) => isDecayed(name));
    expect([trainable.length - decayed.length, decayed.length]).toEqual([192, 226]);
    expect(decayed.filter(({ name }) => name.endsWith('.bias')).length).toBe(65);
    expect(trainable.every(({ name }) => isDecayed(name, { batchNormWeightDecay: true }))).toBe(true);
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
    [{ batchNormEpsilon: 0 }, /batchNormEpsilon must be above 0/],
    [
      { convolutionInit: 'xavier' as ConvolutionInit },
      /convolutionInit must be fan_in or fan_out, got xavier/,
    ],
    [{ padding: 'valid' as Padding }, /padding must be torch or same, got valid/],
    [{ classes: 0 }, /classes must be an integer/],
    [{ variant: 'b9' as Variant }, /variant must be one of b0/],
  ])('names what is wrong in %o', (options, message) => {
    expect(() => efficientNet(options)).toThrow(message);
  });
});

describe('padding', () => {
  it.each([
    [224, 3, 2, [0, 1]],
    [224, 5, 2, [1, 2]],
    [225, 3, 2, [1, 1]],
    [225, 5, 2, [2, 2]],
    [7, 5, 1, [2, 2]],
    [1, 1, 2, [0, 0]],
  ])(
    'same puts the smaller half before: %i pixels, kernel %i, stride %i',
    (side, kernel, stride, [before, after]) => {
      expect(marginsOf(side, { kernel, stride }, 'same')).toEqual({ before, after });
    },
  );

  it('is what TensorFlow.js calls same', () => {
    for (const filter of [1, 3, 5])
      for (const strides of [1, 2])
        for (let side = 1; side < 40; side++) {
          const images = [1, side, side, 1] as [number, number, number, number];
          const { padInfo } = backend_util.computeConv2DInfo(
            images,
            [filter, filter, 1, 1],
            strides,
            1,
            'same',
          );
          const margins = marginsOf(side, { kernel: filter, stride: strides }, 'same');
          expect(margins).toEqual({ before: padInfo.top, after: padInfo.bottom });
        }
  });

  it('gives as many output pixels by either rule', () => {
    for (const kernel of [1, 3, 5])
      for (const stride of [1, 2])
        for (let side = 1; side < 40; side++)
          for (const padding of ['torch', 'same'] as const) {
            const { before, after } = marginsOf(side, { kernel, stride }, padding);
            const outputs = Math.floor((side + before + after - kernel) / stride) + 1;
            expect(outputs).toBe(outputSide(side, { stride }));
          }
  });

  it('is said of a model only where it is not that of earlier versions', () => {
    const optionsWith = (padding: Padding) => modelFor({ variant: 'b1', stemStride: 1, padding }, 10).options;
    expect(Object.entries(optionsWith('torch'))).toEqual(
      Object.entries(modelFor({ variant: 'b1', stemStride: 1 }, 10).options),
    );
    expect(efficientNet(optionsWith('same')).padding).toBe('same');
  });
});

const countBatchNorms = (model: EfficientNet): number =>
  parametersOf(model).filter(({ name }) => name.endsWith('.bn.weight')).length;

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

  it('draws them with that of fan-out where it is told to, of a depthwise layer as PyTorch', () => {
    const shape = { variant: 'b0', classes: 10 } as const;
    const parameters = parametersOf(efficientNet({ ...shape, convolutionInit: 'fan_out' }));
    const stdOf = (name: string) => parameters.find((parameter) => parameter.name === name)?.initial;
    const expected = (fan: number) => ({ kind: 'normal', std: Math.sqrt(2 / fan) });
    expect(stdOf('stem.conv.weight')).toEqual(expected(32 * 9));
    expect(stdOf('layers.6.block0.proj.conv.weight')).toEqual(expected(320));
    expect(stdOf('layers.5.block1.depsep.conv.weight')).toEqual(expected(1152 * 25));
  });

  it('keeps dense layers within one over the root of their inputs', () => {
    const data = weights['classifier.fc.weight']?.data as Float32Array;
    const largest = Math.max(...data.map(Math.abs));
    expect(largest).toBeLessThanOrEqual(1 / Math.sqrt(1280));
    expect(largest).toBeGreaterThan(0.99 / Math.sqrt(1280));
  });
});
