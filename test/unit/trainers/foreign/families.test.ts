import { describe, expect, it } from 'vitest';
import type { NamedTensor } from '../../../../src/core/trainer.ts';
import { efficientNet } from '../../../../src/models/efficientnet.ts';
import { parametersOf, sizeOf } from '../../../../src/models/parameters.ts';
import { type Variant, variants } from '../../../../src/models/scaling.ts';
import { efficientnetPytorch } from '../../../../src/trainers/foreign/efficientnet-pytorch.ts';
import { namingOf } from '../../../../src/trainers/foreign/families.ts';
import { nvidia } from '../../../../src/trainers/foreign/nvidia.ts';
import { firstMisfit, toOwnNames } from '../../../../src/trainers/foreign/own-names.ts';
import { tellVariant } from '../../../../src/trainers/foreign/tell-variant.ts';
import { torchvision } from '../../../../src/trainers/foreign/torchvision.ts';
import { foreignCases } from '../../../support/foreign-golden.ts';

/** Tensors that have only a shape, for what looks at nothing else. */
const empty = (shape: readonly number[]): NamedTensor => ({ shape, data: new Float32Array(0) });
const shapesOf = (tensors: (typeof foreignCases)[number]['tensors']) =>
  Object.fromEntries(
    tensors
      .filter(([name]) => !name.endsWith('num_batches_tracked'))
      .map(([name, shape]) => [name, empty(shape)]),
  );

describe('a naming', () => {
  it.each(foreignCases)(
    'and the variant of $name are told by the tensors',
    ({ tensors, family, variant }) => {
      const weights = shapesOf(tensors);
      const naming = namingOf(weights);
      expect(naming?.family).toBe(family);
      expect(naming && tellVariant(naming, weights, { classes: 100 })).toBe(variant);
    },
  );

  it.each(Object.keys(variants) as Variant[])('tells %s from all other variants', (variant) => {
    const parameters = parametersOf(efficientNet({ variant, classes: 7 }));
    const weights = Object.fromEntries(parameters.map(({ name, shape }) => [name, empty(shape)]));
    expect(tellVariant(nvidia, weights, { classes: 7 })).toBe(variant);
  });

  it('tells a variant of other width, where that is given', () => {
    const parameters = parametersOf(efficientNet({ variant: 'b1', width: 0.5, classes: 7 }));
    const weights = Object.fromEntries(parameters.map(({ name, shape }) => [name, empty(shape)]));
    expect(tellVariant(nvidia, weights, { classes: 7 })).toBeUndefined();
    expect(tellVariant(nvidia, weights, { classes: 7, width: 0.5 })).toBe('b1');
  });

  it('knows no tensors without its sign', () => {
    expect(namingOf({ 'layer1.0.conv1.weight': empty([64, 64, 1, 1]) })).toBeUndefined();
    expect(namingOf({})).toBeUndefined();
  });

  it('assumes what the library computes with', () => {
    const epsilons = (['b0', 'b4', 'b5', 'b7'] as const).map(
      (variant) => torchvision.assumed(variant, 'x').batchNormEpsilon,
    );
    expect(epsilons).toEqual([1e-5, 1e-5, 1e-3, 1e-3]);
    expect(efficientnetPytorch.assumed('b0', 'x')).toEqual({ batchNormEpsilon: 1e-3, padding: 'same' });
  });
});

describe('own names', () => {
  const model = efficientNet({ variant: 'nano', classes: 3 });
  const weights = Object.fromEntries(
    parametersOf(model).map(({ name, shape }) => [name, { shape, data: new Float32Array(sizeOf(shape)) }]),
  );

  it('are given to matrices that were stored as convolutions, with the same numbers', () => {
    const name = 'layers.0.block0.se.squeeze.weight';
    const { shape, data } = weights[name] as NamedTensor;
    const stored = { ...weights, [name]: { shape: [...shape, 1, 1], data } };
    expect(toOwnNames(model, nvidia, stored)[name]).toEqual({ shape, data });
  });

  it.each<[string, string, NamedTensor | undefined, string]>([
    ['missing', 'stem.bn.bias', undefined, 'missing, expected shape [8]'],
    ['of another shape', 'stem.bn.bias', empty([9]), 'expected shape [8], got [9]'],
    [
      'a convolution of more pixels',
      'layers.0.block0.se.squeeze.weight',
      empty([2, 8, 3, 3]),
      'expected shape [2, 8], got [2, 8, 3, 3]',
    ],
    ['too much', 'head.bias', empty([1]), 'is no part of efficientnet-nano with the names of NVIDIA'],
  ])('name a tensor that is %s', (_, name, tensor, message) => {
    const { [name]: left, ...others } = weights;
    const given = tensor === undefined ? others : { ...others, [name]: tensor };
    expect(firstMisfit(model, nvidia, given)).toBe(`${name}: ${message}`);
    expect(() => toOwnNames(model, nvidia, given)).toThrow(`${name}: ${message}`);
  });
});
