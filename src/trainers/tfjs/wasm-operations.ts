import type { Tensor, Tensor1D, Tensor4D, TensorInfo } from '@tensorflow/tfjs';
import type { Operations, UpdateRule } from './operations.ts';
import type { WasmHeap } from './wasm-heap.ts';

/** The operations as single passes of our own WebAssembly over tfjs's memory. */
export function wasmOperations(heap: WasmHeap): Operations {
  const { batchNorm, batchNormGradient } = normalization(heap);
  const one = (name: string, inputs: readonly TensorInfo[], numbers: number[], shape: number[]): Tensor4D => {
    const [output] = heap.run(name, { inputs, numbers, outputs: [shape] });
    return heap.toTensor(output as TensorInfo) as Tensor4D;
  };
  return {
    batchNorm,
    batchNormGradient,
    scaleShift: (x, scale, shift) => one('scaleShift', [x, scale, shift], matrixOf(x), x.shape),
    silu: (x) => one('silu', [x], [x.size], x.shape),
    siluGradient: (x, dy) => one('siluGradient', [x, dy], [x.size], x.shape),
    spatialSums: (x) => one('groupSums', [x], groupsOf(x), pooledShape(x)),
    spatialProductSums: (x, y) => one('groupProductSums', [x, y], groupsOf(x), pooledShape(x)),
    spread(x, h, w, factor) {
      const [n, , , c] = x.shape;
      return one('spread', [x], [n, h * w, c, factor], [n, h, w, c]);
    },
    ...updates(heap),
  };
}

function normalization(heap: WasmHeap): Pick<Operations, 'batchNorm' | 'batchNormGradient'> {
  return {
    batchNorm(x, gamma, beta, epsilon) {
      const channels = x.shape[3];
      const [mean, variance, y] = heap
        .run('batchNorm', {
          inputs: [x, gamma, beta],
          numbers: [epsilon, ...matrixOf(x)],
          scratch: 2 * channels,
          outputs: [[channels], [channels], x.shape],
        })
        .map(heap.toTensor) as [Tensor1D, Tensor1D, Tensor4D];
      return { y, mean, variance };
    },
    batchNormGradient(dy, x, gamma, { mean, variance }, epsilon) {
      const channels = x.shape[3];
      const [dx, dGamma, dBeta] = heap
        .run('batchNormGradient', {
          inputs: [dy, x, gamma, mean, variance],
          numbers: [epsilon, ...matrixOf(x)],
          scratch: 3 * channels,
          outputs: [x.shape, [channels], [channels]],
        })
        .map(heap.toTensor) as [Tensor4D, Tensor1D, Tensor1D];
      return { dx, dGamma, dBeta };
    },
  };
}

function updates(heap: WasmHeap): Pick<Operations, 'sgd' | 'rmsprop' | 'movingAverage'> {
  const numbersOf = ({ size }: Tensor, { learningRate, momentum, weightDecay }: UpdateRule): number[] => [
    size,
    learningRate,
    momentum,
    weightDecay,
  ];
  return {
    sgd(parameter, gradient, previous, rule) {
      const { shape } = parameter;
      const [weight, buffer] = heap
        .run('sgd', {
          inputs: [parameter, gradient, previous],
          numbers: [...numbersOf(parameter, rule), Number(rule.nesterov)],
          outputs: [shape, shape],
        })
        .map(heap.toTensor) as [Tensor, Tensor];
      return { weight, buffer };
    },
    rmsprop(parameter, gradient, previous, previousSquare, rule) {
      const { shape } = parameter;
      const [weight, buffer, square] = heap
        .run('rmsprop', {
          inputs: [parameter, gradient, previous, previousSquare],
          numbers: [...numbersOf(parameter, rule), rule.alpha, rule.epsilon],
          outputs: [shape, shape, shape],
        })
        .map(heap.toTensor) as [Tensor, Tensor, Tensor];
      return { weight, buffer, square };
    },
    movingAverage(average, values, decay) {
      const { shape, size } = average;
      const [next] = heap.run('movingAverage', {
        inputs: [average, values],
        numbers: [size, decay],
        outputs: [shape],
      });
      return heap.toTensor(next as TensorInfo);
    },
  };
}

/** [rows, channels] of all pixels, and [images, pixels, channels]. */
const matrixOf = ({ size, shape }: Tensor4D): number[] => [size / shape[3], shape[3]];
const groupsOf = ({ shape: [n, h, w, c] }: Tensor4D): number[] => [n, h * w, c];
const pooledShape = ({ shape: [n, , , c] }: Tensor4D): number[] => [n, 1, 1, c];
