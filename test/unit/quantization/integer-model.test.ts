import { describe, expect, it } from 'vitest';
import { integerOf, rangeOf } from '../../../backends/tensor-kernels/range.ts';
import type { NamedTensor, TensorMap } from '../../../src/core/trainer.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { isDense, layersOf } from '../../../src/models/layers.ts';
import type { IntegerLayer } from '../../../src/quantization/integer-layer.ts';
import { checkBounds, integerModel } from '../../../src/quantization/integer-model.ts';
import { randomRanges, randomWeights } from '../../support/quantized-models.ts';

const model = efficientNet({ variant: 'b0', width: 0.25, depth: 0.5, classes: 10 });
const weights = randomWeights(model, 1);
const quant = randomRanges(model, weights, 1);

const layerOf = (name: string, changes: TensorMap = {}, ranges: TensorMap = quant): IntegerLayer =>
  integerModel(model, { ...weights, ...changes }, ranges).layers.get(name) as IntegerLayer;
const dataOf = (tensors: TensorMap, name: string): Float32Array => (tensors[name] as NamedTensor).data;
const without = (tensors: TensorMap, name: string): TensorMap =>
  Object.fromEntries(Object.entries(tensors).filter(([key]) => key !== name));
const firstOf = (name: string): number => dataOf(weights, name)[0] as number;
const changed = (
  tensors: TensorMap,
  name: string,
  change: (value: number, i: number) => number,
): TensorMap => {
  const { shape, data } = tensors[name] as NamedTensor;
  return { [name]: { shape, data: data.map(change) } };
};
const withFirst = (name: string, value: number): TensorMap =>
  changed(weights, name, (one, i) => (i === 0 ? value : one));

/** What batch norm comes to for an output, by its definition. */
function normOf(name: string, i: number) {
  const value = (which: string): number => dataOf(weights, `${name}.bn.${which}`)[i] as number;
  const factor = value('weight') / Math.sqrt(value('running_var') + model.batchNorm.epsilon);
  return { factor, bias: value('bias') - value('running_mean') * factor };
}

describe('the integers of a model', () => {
  it('are there for each layer', () => {
    const { layers, scales } = integerModel(model, weights, quant);
    expect([...layers.keys()]).toEqual(layersOf(model).map(({ name }) => name));
    expect(scales.get('images')).toBe(Math.fround((dataOf(quant, 'point.images')[0] as number) / 127));
    for (const layer of layers.values()) expect(layer.bound).toBeLessThan(2 ** 24);
  });

  it('are within half a step of the weights with batch norm folded in, of both signs', () => {
    const signs = new Set<number>();
    for (const layer of layersOf(model)) {
      const { name } = layer;
      const integers = layerOf(name);
      const whole = dataOf(weights, `${name}.${isDense(layer) ? 'weight' : 'conv.weight'}`);
      const length = whole.length / integers.bias.length;
      for (const [i, scale] of integers.weightScales.entries()) {
        const norm = isDense(layer)
          ? { factor: 1, bias: dataOf(weights, `${name}.bias`)[i] as number }
          : normOf(name, i);
        signs.add(Math.sign(norm.factor));
        const errors = Array.from({ length }, (_, j) => {
          const weight = whole[i * length + j] as number;
          return (
            Math.abs((integers.weights[i * length + j] as number) * scale - weight * norm.factor) / scale
          );
        });
        expect(Math.max(...errors)).toBeLessThanOrEqual(0.5001);
        const biasScale = integers.biasScales[i] as number;
        const biasError = Math.abs((integers.bias[i] as number) - norm.bias / biasScale);
        expect(biasError).toBeLessThan(0.501);
      }
    }
    expect(signs).toEqual(new Set([1, -1]));
  });

  it('are those that training rounds a weight to', () => {
    const { weights: integers, bias } = layerOf('features');
    const ranges = dataOf(quant, 'weight.features.conv.weight');
    const whole = dataOf(weights, 'features.conv.weight');
    const length = integers.length / ranges.length;
    // a bias that is large against its weights makes them coarser
    const usual = [...bias.keys()].filter((i) => Math.abs(bias[i] as number) < 2 ** 23);
    expect(usual.length).toBeGreaterThan(0.9 * bias.length);
    for (const i of usual) {
      const sign = Math.sign(normOf('features', i).factor);
      const range = rangeOf(ranges[i] as number, 127);
      const row = whole.subarray(i * length, (i + 1) * length);
      const expected = Int8Array.from(row, (weight) => sign * integerOf(weight, range));
      expect(integers.subarray(i * length, (i + 1) * length)).toEqual(expected);
    }
  });

  it('are the same whatever the batch norm is', () => {
    const { weights: before } = layerOf('stem');
    const larger = layerOf('stem', withFirst('stem.bn.running_var', 0.25));
    expect(larger.weights).toEqual(before);
    expect(larger.weightScales[0]).not.toBe(layerOf('stem').weightScales[0]);
  });

  it('multiply as onnxruntime does: the product of scales, divided by the output scale', () => {
    const { multipliers, weightScales, inputScale, outputScale } = layerOf('features');
    const expected = weightScales.map((scale) =>
      Math.fround(Math.fround(scale * inputScale) / (outputScale as number)),
    );
    expect(multipliers).toEqual(expected);
  });

  it('have a float32 output behind the classifier', () => {
    const { output, outputScale, multipliers, biasScales } = layerOf('classifier.fc');
    expect([output, outputScale]).toEqual([undefined, undefined]);
    expect(multipliers).toEqual(biasScales);
  });
});

describe('an output that is switched off', () => {
  const taps = 27;

  for (const scale of [0, 1e-30])
    it(`keeps its bias where batch norm's scale is ${scale}`, () => {
      const {
        bias,
        biasScales,
        weights: integers,
        multipliers,
      } = layerOf('stem', withFirst('stem.bn.weight', scale));
      expect((bias[0] as number) * (biasScales[0] as number)).toBeCloseTo(firstOf('stem.bn.bias'), 6);
      expect(integers.subarray(0, taps)).toEqual(new Int8Array(taps));
      expect(multipliers[0]).toBeGreaterThan(0);
    });

  it('keeps its bias where its weights are zeros', () => {
    const zeros = changed(weights, 'stem.conv.weight', (value, i) => (i < taps ? 0 : value));
    const ranges = changed(quant, 'weight.stem.conv.weight', (value, i) => (i === 0 ? 0 : value));
    const { bias, biasScales } = layerOf('stem', zeros, { ...quant, ...ranges });
    expect((bias[0] as number) * (biasScales[0] as number)).toBeCloseTo(normOf('stem', 0).bias, 6);
  });
});

describe('ranges that cannot be used', () => {
  const withRange = (name: string, value: number): TensorMap => ({
    ...quant,
    [name]: { shape: [1], data: Float32Array.of(value) },
  });

  it('are refused where one is missing', () => {
    expect(() => integerModel(model, weights, without(quant, 'point.stem.activated'))).toThrow(
      /stem\.activated: its range must be a positive number, got none/,
    );
    expect(() => integerModel(model, weights, without(quant, 'weight.stem.conv.weight'))).toThrow(
      /stem\.conv\.weight: expected 8 ranges/,
    );
  });

  for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    it(`are refused where a point has ${value}`, () => {
      expect(() => integerModel(model, weights, withRange('point.images', value))).toThrow(
        expect.objectContaining({ code: 'NOT_CALIBRATED' }),
      );
    });

  it('are refused where sums could leave the integers of float32', () => {
    const wide = efficientNet({ variant: 'b0', width: 1, depth: 0.2, classes: 2 });
    const shape = [2, 1280];
    const ones = {
      ...randomWeights(wide, 1),
      'classifier.fc.weight': { shape, data: new Float32Array(2 * 1280).fill(0.5) },
    };
    const tooLarge = () => checkBounds(integerModel(wide, ones, randomRanges(wide, ones, 1)));
    expect(tooLarge).toThrow(/^classifier\.fc: sums of products may reach \d+/);
    expect(tooLarge).toThrow(expect.objectContaining({ code: 'ACCUMULATOR_BOUND' }));
  });
});
