import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stem } from '../../../backends/tensor-kernels/stem/stem.ts';
import { stemFilterGradient } from '../../../backends/tensor-kernels/stem-filter-gradient/stem-filter-gradient.ts';
import type { Element } from '../../../backends/tensor-kernels/tensor.ts';
import type { TensorCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import { fromHalf } from '../../../src/core/half.ts';
import { callOf, tensor } from '../../support/kernel-calls.ts';
import { gradientThroughNorm, momentsOf } from '../../support/lazies.ts';
import { onCpu } from '../../support/tensor-calls.ts';
import { itOnCpuAsReferenceInAnyShape } from '../../support/tensor-shapes.ts';
import { itAsReference } from '../../support/tensor-tests.ts';
import { type WindowShape, windowNumbers } from '../../support/windows.ts';

type StemShape = WindowShape & { readonly element?: Element };

function forwardCall({ element = 'f16', ...shape }: StemShape): TensorCall {
  const numbers = windowNumbers(shape);
  const [channels, { rows, inputRows, kernel, chunk }] = [4 * shape.c4, numbers];
  const operands = {
    images: tensor('images', element, 3 * inputRows),
    w: tensor('w', 'store', 3 * kernel ** 2 * channels),
    out: tensor('out', 'store', rows * channels),
  };
  return { ...callOf(stem, operands, numbers), epilogue: momentsOf(rows, channels, chunk) };
}

function gradientCall({ element = 'f16', ...shape }: StemShape): TensorCall {
  const numbers = windowNumbers(shape);
  const [channels, { rows, inputRows, kernel, chunk }] = [4 * shape.c4, numbers];
  const operands = {
    g: gradientThroughNorm('g', rows, channels),
    images: tensor('images', element, 3 * inputRows),
    parts: tensor('parts', 'f32', Math.ceil(rows / chunk) * 3 * kernel ** 2 * channels),
  };
  return callOf(stemFilterGradient, operands, numbers);
}

for (const stride of [1, 2])
  describe(`the stem, stride ${stride}`, () => {
    const shape = { samples: 2, height: 9, width: 8, c4: 17, kernel: 3, stride, chunk: 21 };
    itAsReference('filters images, and takes the moments of its output', () => forwardCall(shape));
    itAsReference('gives the gradient of its filter', () => gradientCall(shape));
    if (stride === 1) return;
    const shifted = { ...shape, top: 1, left: 0 };
    itAsReference('filters images with fewer zeros on the left', () => forwardCall(shifted));
    itAsReference('gives the gradient of a filter with fewer zeros on the left', () => gradientCall(shifted));
  });

describe('the stem on images of any size', () => {
  const shapes = {
    samples: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 12 }),
    width: fc.integer({ min: 1, max: 12 }),
    c4: fc.integer({ min: 1, max: 6 }),
    kernel: fc.constantFrom(3, 5, 1, 7),
    stride: fc.constantFrom(1, 2, 3),
    chunk: fc.integer({ min: 1, max: 200 }),
    top: fc.integer({ min: 0, max: 3 }),
    left: fc.integer({ min: 0, max: 3 }),
    element: fc.constantFrom('f16' as const, 'f32' as const),
  };
  describe('forward', () => itOnCpuAsReferenceInAnyShape(shapes, forwardCall));
  describe('gradient', () => itOnCpuAsReferenceInAnyShape(shapes, gradientCall));
});

it('reads every float16 of images as the number that it is, on the CPU', async () => {
  // lines of 3 * 151 halves end within a group of 4
  const size = { samples: 1, height: 435, width: 151, c4: 1, kernel: 1, stride: 1, chunk: 151 };
  const pixels = size.height * size.width;
  const halves = Uint16Array.from({ length: 3 * pixels }, (_, i) => (i % 3 === 0 ? i / 3 : 0));
  const images = tensor('images', 'f16', halves.length);
  const w = tensor('w', 'store', 12);
  const out = tensor('out', 'store', 4 * pixels);
  const call = callOf(stem, { images, w, out }, windowNumbers(size));
  const tensors = [images, w, out].map((view) => view.tensor);
  const values = await onCpu(1, async (executor) => {
    const program = await executor.prepare({ tensors, allocations: [], phases: { all: { calls: [call] } } });
    executor.write(images, halves);
    executor.write(w, Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    executor.run(program, ['all'], { learningRate: 0, bodyLearningRate: 0, lossFactor: 0, averageDecay: 0 });
    const [bytes] = await executor.read([out]);
    return new Float32Array(bytes as ArrayBuffer).filter((_, i) => i % 4 === 0);
  });
  // a sum that begins with 0 has no negative zero
  const expected = Float32Array.from({ length: 1 << 16 }, (_, half) => fromHalf(half) + 0);
  expect(values.subarray(0, 1 << 16)).toEqual(expected);
});
