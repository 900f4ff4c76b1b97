import { thresholdsOf } from '../../backends/tensor-kernels/image-thresholds.ts';
import { integerVectorRows, integerVectors } from '../../backends/tensor-kernels/integers.ts';
import { vectorRows } from '../../backends/tensor-kernels/lazy.ts';
import type { NamedTensor, TensorMap } from '../core/trainer.ts';
import type { Block, ConvolutionUnit, Dense, EfficientNet } from '../models/efficientnet.ts';
import { isDense, layersOf } from '../models/layers.ts';
import { points } from '../models/points.ts';
import type { IntegerLayer } from '../quantization/integer-layer.ts';
import { type IntegerModel, outputOf } from '../quantization/integer-model.ts';
import {
  meanMultiplier,
  productMultiplier,
  sigmoidTable,
  siluTable,
  siluTableOfIntegers,
  sumTable,
  ZERO_POINT,
} from '../quantization/integer-tables.ts';
import { type IntegerMean, integerNames } from './integer-graph.ts';
import { paddedTo4 } from './node.ts';

/**
 * Values of an integer graph's parameters.
 * @param sigmoid numbers of SiLU's sigmoid; `int8` for files that have it so
 */
export function integerValues(
  model: EfficientNet,
  integers: IntegerModel,
  sigmoid: 'float32' | 'int8' = 'float32',
): TensorMap {
  const values = new IntegerValues(model, integers, sigmoid === 'int8' ? siluTableOfIntegers : siluTable);
  return Object.fromEntries([
    ...values.ofImages(),
    ...layersOf(model).flatMap((layer) => (isDense(layer) ? values.ofDense(layer) : values.ofUnit(layer))),
    ...values.ofBlocks(),
  ]);
}

/** What makes an integer of a sum over pixels. */
export function vectorsOfMean(
  { channels, pixels, from, to }: IntegerMean,
  { scales }: IntegerModel,
): Float32Array<ArrayBuffer> {
  const multiplier = meanMultiplier(scaleOf(scales, from), scaleOf(scales, to), pixels);
  return vectorsOf(channels, () => ({ multiplier }));
}

type Entry = readonly [string, NamedTensor];

class IntegerValues {
  readonly #model: EfficientNet;
  readonly #integers: IntegerModel;
  readonly #siluTable: typeof siluTable;

  constructor(model: EfficientNet, integers: IntegerModel, silu: typeof siluTable) {
    this.#model = model;
    this.#integers = integers;
    this.#siluTable = silu;
  }

  ofImages(): Entry[] {
    return [vector(integerNames.thresholds, thresholdsOf(this.#scale(points.images)))];
  }

  ofUnit(unit: ConvolutionUnit): Entry[] {
    const layer = this.#layer(unit.name);
    const { shape, weights, bias, multipliers } = layer;
    const normalized = points.normalized(unit);
    const vectors = vectorsOf(unit.outChannels, (i) => ({
      bias: at(bias, i),
      multiplier: at(multipliers, i),
    }));
    return [
      [integerNames.weights(unit.name), { shape, data: Float32Array.from(weights) }],
      [integerNames.vectors(normalized), { shape: [integerVectorRows, unit.outChannels], data: vectors }],
      ...(unit.activation ? [this.#siluOf(normalized, points.activated(unit))] : []),
    ];
  }

  /** Of squeeze and excitation in widths padded to 4; of the classifier as it is. */
  ofDense(dense: Dense): Entry[] {
    const layer = this.#layer(dense.name);
    if (layer.output === undefined) return ofClassifier(layer);
    const [outputs, inputs] = [paddedTo4(dense.outFeatures), paddedTo4(dense.inFeatures)];
    const bias = new Float32Array(outputs);
    bias.set(layer.bias);
    // the product has added the bias already
    const data = vectorsOf(outputs, (i) => ({ multiplier: layer.multipliers[i] ?? 0 }));
    return [
      [integerNames.weights(dense.name), { shape: [outputs, inputs], data: padded(layer, outputs, inputs) }],
      vector(integerNames.bias(dense.name), bias),
      [integerNames.vectors(layer.output), { shape: [integerVectorRows, outputs], data }],
    ];
  }

  ofBlocks(): Entry[] {
    const { stem, blocks } = this.#model;
    return blocks.flatMap((block, i) => {
      const before = blocks[i - 1];
      return this.#ofBlock(block, before === undefined ? points.activated(stem) : outputOf(before));
    });
  }

  #ofBlock(block: Block, input: string): Entry[] {
    const { depthwise, squeeze, excite, project } = block;
    const [affine, activated] = [points.affine(squeeze), points.activated(squeeze)];
    const [excited, factors, scaled] = [points.affine(excite), points.factors(block), points.scaled(block)];
    const spread = this.#scale(points.activated(depthwise));
    const multiplier = productMultiplier(spread, this.#scale(factors), this.#scale(scaled));
    const channels = depthwise.outChannels;
    const data = vectorsOf(channels, () => ({ multiplier, shift: ZERO_POINT }));
    return [
      this.#siluOf(affine, activated),
      vector(integerNames.table(factors), sigmoidTable(this.#scale(excited), this.#scale(factors))),
      [integerNames.vectors(scaled), { shape: [integerVectorRows, channels], data }],
      ...(block.residual ? [this.#sumOf(block, input, points.normalized(project))] : []),
    ];
  }

  #siluOf(from: string, to: string): Entry {
    return vector(integerNames.table(to), this.#siluTable(this.#scale(from), this.#scale(to)));
  }

  #sumOf(block: Block, input: string, branch: string): Entry {
    const sum = points.sum(block);
    const table = sumTable(this.#scale(input), this.#scale(branch), this.#scale(sum));
    return vector(integerNames.table(sum), table);
  }

  #layer(name: string): IntegerLayer {
    return this.#integers.layers.get(name) as IntegerLayer;
  }

  #scale(point: string): number {
    return scaleOf(this.#integers.scales, point);
  }
}

function ofClassifier({ name, shape, weights, bias, multipliers }: IntegerLayer): Entry[] {
  const width = paddedTo4(bias.length);
  const data = new Float32Array(vectorRows * width);
  data.set(multipliers);
  return [
    [integerNames.weights(name), { shape, data: Float32Array.from(weights) }],
    vector(integerNames.bias(name), Float32Array.from(bias)),
    [integerNames.vectors(name), { shape: [vectorRows, width], data }],
  ];
}

interface Vectors {
  readonly bias?: number;
  readonly multiplier: number;
  readonly shift?: number;
}

function vectorsOf(channels: number, valuesAt: (channel: number) => Vectors): Float32Array<ArrayBuffer> {
  const vectors = new Float32Array(integerVectorRows * channels);
  for (let channel = 0; channel < channels; channel++) {
    const { bias = 0, multiplier, shift = 0 } = valuesAt(channel);
    vectors[integerVectors.bias * channels + channel] = bias;
    vectors[integerVectors.multiplier * channels + channel] = multiplier;
    vectors[integerVectors.shift * channels + channel] = shift;
  }
  return vectors;
}

/** Weights [outputs, inputs] with zeros to the right and below. */
function padded({ weights, shape }: IntegerLayer, outputs: number, inputs: number): Float32Array {
  const [rows = 0, columns = 0] = shape;
  const data = new Float32Array(outputs * inputs);
  for (let row = 0; row < rows; row++)
    data.set(weights.subarray(row * columns, (row + 1) * columns), row * inputs);
  return data;
}

const vector = (name: string, data: Float32Array): Entry => [name, { shape: [data.length], data }];
const scaleOf = (scales: IntegerModel['scales'], point: string): number => scales.get(point) as number;
const at = (values: ArrayLike<number>, i: number): number => values[i] as number;
