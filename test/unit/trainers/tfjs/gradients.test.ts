import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomFor } from '../../../../src/core/random.ts';
import { layersOn } from '../../../../src/trainers/tfjs/layers.ts';
import { compute, openTensorflow, type Tensorflow } from '../../../../src/trainers/tfjs/tensorflow.ts';
import type { Tf } from '../../../../src/trainers/tfjs/tf.ts';
import { isWithoutGpu } from '../../../support/gpu.ts';

type Shape = [number, number, number, number];

/** A layer of inputs of these shapes, written as tfjs's own operations would have it. */
interface Case {
  readonly name: string;
  readonly shapes: number[][];
  readonly plain: (tf: Tf, inputs: Tensor[]) => Tensor;
  /** The layer as the trainer computes it; left out where that is the same. */
  readonly layer?: (tensorflow: Tensorflow, inputs: Tensor[]) => Tensor;
}

const convolution = (kernel: number, stride: number, [n, h, w, c]: Shape, out: number): Case => ({
  name: `convolution ${kernel}x${kernel}, stride ${stride}, of ${h} x ${w} pixels, ${c} to ${out} channels`,
  shapes: [
    [n, h, w, c],
    [kernel, kernel, c, out],
  ],
  plain: (tf, [x, filter]) => tf.conv2d(x as Tensor4D, filter as Tensor4D, stride, (kernel - 1) / 2),
});

const depthwise = (kernel: number, stride: number, [n, h, w, c]: Shape): Case => ({
  name: `depthwise ${kernel}x${kernel}, stride ${stride}, of ${h} x ${w} pixels, ${c} channels`,
  shapes: [
    [n, h, w, c],
    [kernel, kernel, c, 1],
  ],
  plain: (tf, [x, filter]) => tf.depthwiseConv2d(x as Tensor4D, filter as Tensor4D, stride, (kernel - 1) / 2),
});

const squeezeExcite = (
  tf: Tf,
  [x, down, up]: Tensor[],
  silu: (x: Tensor4D) => Tensor4D,
  mean: (x: Tensor4D) => Tensor4D,
  scale: (x: Tensor4D, s: Tensor4D) => Tensor,
) => {
  const squeezed = silu(tf.conv2d(mean(x as Tensor4D), down as Tensor4D, 1, 0));
  return scale(x as Tensor4D, tf.conv2d(squeezed, up as Tensor4D, 1, 0).sigmoid());
};

const cases: Case[] = [
  ...[8, 9].flatMap((size) => [
    convolution(3, 1, [2, size, size + 1, 3], 8),
    convolution(3, 2, [2, size, size + 1, 3], 8),
    depthwise(3, 1, [2, size, size, 12]),
    depthwise(3, 2, [2, size, size, 24]),
    depthwise(5, 1, [2, size, size, 8]),
    depthwise(5, 2, [2, size, size, 20]),
  ]),
  depthwise(5, 1, [3, 1, 2, 7]),
  depthwise(5, 2, [3, 2, 2, 5]),
  convolution(1, 1, [2, 7, 5, 16], 24),
  convolution(1, 1, [3, 9, 9, 10], 19),
  convolution(1, 1, [4, 1, 1, 5], 3),
  convolution(1, 1, [1, 12, 11, 20], 17),
  convolution(1, 1, [5, 1, 1, 17], 40),
  convolution(1, 2, [2, 5, 5, 4], 8),
  // sums over so many pixels that a GPU divides them up
  convolution(1, 1, [3, 31, 41, 5], 7),
  {
    name: 'convolution 3x5, unpadded, strides 2 and 1',
    shapes: [
      [2, 9, 8, 3],
      [3, 5, 3, 4],
    ],
    plain: (tf, [x, filter]) => tf.conv2d(x as Tensor4D, filter as Tensor4D, [2, 1], 'valid'),
  },
  {
    name: 'depthwise 3x5, unpadded',
    shapes: [
      [2, 9, 8, 4],
      [3, 5, 4, 1],
    ],
    plain: (tf, [x, filter]) => tf.depthwiseConv2d(x as Tensor4D, filter as Tensor4D, 2, 'valid'),
  },
  {
    name: 'batch norm',
    shapes: [[3, 5, 4, 10], [10], [10]],
    plain(_, [x, gamma, beta]) {
      const centred = (x as Tensor).sub((x as Tensor).mean([0, 1, 2]));
      const variance = centred.square().mean([0, 1, 2]);
      return centred
        .div(variance.add(1e-3).sqrt())
        .mul(gamma as Tensor)
        .add(beta as Tensor);
    },
    layer: (tensorflow, [x, gamma, beta]) =>
      layersOn(tensorflow).batchNorm(x as never, gamma as never, beta as never, 1e-3, ({ mean, variance }) =>
        tensorflow.tf.dispose([mean, variance]),
      ),
  },
  {
    name: 'SiLU',
    shapes: [[2, 3, 3, 7]],
    plain: (_, [x]) => (x as Tensor).mul((x as Tensor).sigmoid()),
    layer: (tensorflow, [x]) => layersOn(tensorflow).silu(x as Tensor4D),
  },
  {
    name: 'global pooling',
    shapes: [[2, 3, 5, 6]],
    plain: (_, [x]) => (x as Tensor).mean([1, 2], true),
    layer: (tensorflow, [x]) => layersOn(tensorflow).spatialMean(x as Tensor4D),
  },
  {
    name: 'squeeze and excite',
    shapes: [
      [2, 4, 3, 12],
      [1, 1, 12, 3],
      [1, 1, 3, 12],
    ],
    plain: (tf, inputs) =>
      squeezeExcite(
        tf,
        inputs,
        (x) => x.mul(x.sigmoid()),
        (x) => x.mean([1, 2], true),
        (x, s) => x.mul(s),
      ),
    layer(tensorflow, inputs) {
      const { silu, spatialMean, scaleChannels } = layersOn(tensorflow);
      return squeezeExcite(tensorflow.tf, inputs, silu, spatialMean, scaleChannels);
    },
  },
  {
    name: 'cross-entropy',
    shapes: [[4, 5]],
    plain: (tf, [logits]) => tf.losses.softmaxCrossEntropy(targetsOn(tf), logits as Tensor2D),
    layer: (tensorflow, [logits]) =>
      layersOn(tensorflow).crossEntropy(logits as Tensor2D, targetsOn(tensorflow.tf)),
  },
];

const targetsOn = (tf: Tf): Tensor2D =>
  tf.oneHot(tf.tensor1d([0, 3, 1, 3], 'int32'), 5).toFloat() as Tensor2D;

describe.each(['wasm', 'webgpu'] as const)('gradients on the %s backend', (backend) => {
  const isSkipped = backend === 'webgpu' && isWithoutGpu;
  let tensorflow: Tensorflow;
  let cpu: Tensorflow;
  beforeAll(async () => {
    if (isSkipped) return;
    tensorflow = await openTensorflow(backend);
    cpu = await openTensorflow('cpu');
  });
  afterAll(() => tensorflow?.close());

  it.skipIf(isSkipped).each(cases)("are those of tfjs's cpu backend: $name", async (one) => {
    const { shapes, plain, layer } = one;
    const expected = await run(cpu, shapes, (inputs) => plain(cpu.tf, inputs));
    const actual = await run(tensorflow, shapes, (inputs) =>
      layer ? layer(tensorflow, inputs) : plain(tensorflow.tf, inputs),
    );
    for (const [index, values] of actual.entries()) {
      expect(relativeError(values, expected[index] as Float32Array)).toBeLessThan(3e-5);
    }
  });

  it.skipIf(isSkipped)('come with the loss of each row, which is that of its logits in float64', async () => {
    const logits = [
      [2, -1, 0.5, 80],
      [-3, 0.25, 0.25, 1],
      [0, 0, 0, 0],
    ];
    const targets = [
      [0, 0, 0, 1],
      [0.025, 0.325, 0.025, 0.625],
      [1, 0, 0, 0],
    ];
    const { tf } = tensorflow;
    let losses: Tensor | undefined;
    const mean = compute(tensorflow, () =>
      layersOn(tensorflow).crossEntropy(tf.tensor2d(logits), tf.tensor2d(targets), (given) => {
        losses = given;
      }),
    );
    const expected = logits.map((row, i) => {
      const total = row.reduce((sum, value) => sum + Math.exp(value), 0);
      return row.reduce((sum, value, c) => sum - (targets[i]?.[c] as number) * (value - Math.log(total)), 0);
    });
    const actual = [...(await (losses as Tensor).data())];
    expect(actual).toEqual(expected.map((loss) => expect.closeTo(loss, 5)));
    const [value] = await mean.data();
    expect(value).toBeCloseTo(expected.reduce((sum, loss) => sum + loss, 0) / 3, 5);
    tf.dispose([mean, losses as Tensor]);
  });

  it.skipIf(isSkipped)('have the same bits each time', async () => {
    const { shapes, plain } = convolution(1, 1, [2, 50, 60, 5], 30);
    const gradients = () => run(tensorflow, shapes, (inputs) => plain(tensorflow.tf, inputs));
    expect(await gradients()).toEqual(await gradients());
  });

  it.skipIf(isSkipped)('frees what they used', async () => {
    const [first] = cases as [Case];
    const { numTensors } = tensorflow.tf.memory();
    await run(tensorflow, first.shapes, (inputs) => first.plain(tensorflow.tf, inputs));
    expect(tensorflow.tf.memory().numTensors).toBe(numTensors);
  });
});

describe('gradients on the cpu backend', () => {
  let cpu: Tensorflow;
  beforeAll(async () => {
    cpu = await openTensorflow('cpu');
  });

  it.each(cases.filter((one) => one.layer))('follow from the layer itself: $name', async (one) => {
    const expected = await run(cpu, one.shapes, (inputs) => one.plain(cpu.tf, inputs));
    const actual = await run(cpu, one.shapes, (inputs) => one.layer?.(cpu, inputs) as Tensor);
    for (const [index, values] of actual.entries()) {
      expect(relativeError(values, expected[index] as Float32Array)).toBeLessThan(3e-5);
    }
  });
});

/** The layer's output and the gradients of its inputs, for fixed random inputs and a fixed random dy. */
async function run(
  tensorflow: Tensorflow,
  shapes: number[][],
  layer: (inputs: Tensor[]) => Tensor,
): Promise<Float32Array[]> {
  const { tf } = tensorflow;
  const results = compute(tensorflow, () => {
    const inputs = shapes.map((shape, index) => randomTensor(tf, shape, index));
    const shape = tf.tidy(() => layer(inputs).shape);
    const { value, grads } = tf.valueAndGrads((...given: Tensor[]) => layer(given))(
      inputs,
      randomTensor(tf, shape, 99),
    );
    return [value, ...grads];
  });
  const values = await Promise.all(results.map((tensor) => tensor.data<'float32'>()));
  const copies = values.map((data) => data.slice());
  tf.dispose(results);
  return copies;
}

function randomTensor(tf: Tf, shape: number[], index: number): Tensor {
  const rng = randomFor(1, 0, index, 0);
  const length = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length }, () => rng.normal()),
    shape,
  );
}

/** Norm of the difference over the norm of what is expected. */
function relativeError(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length);
  const difference = actual.reduce((sum, value, i) => sum + (value - (expected[i] as number)) ** 2, 0);
  const norm = expected.reduce((sum, value) => sum + value ** 2, 0);
  return Math.sqrt(difference / norm);
}
