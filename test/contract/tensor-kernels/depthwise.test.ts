import fc from 'fast-check';
import { describe } from 'vitest';
import { depthwise } from '../../../backends/tensor-kernels/depthwise/depthwise.ts';
import { depthwiseGradients } from '../../../backends/tensor-kernels/depthwise-gradients/depthwise-gradients.ts';
import type { TensorCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import { callOf, tensor } from '../../support/kernel-calls.ts';
import { activated, gradientThroughNorm, momentsOf, normSumsOf } from '../../support/lazies.ts';
import { itAsReferenceInAnyShape, itOnCpuAsReferenceInAnyShape } from '../../support/tensor-shapes.ts';
import { itAsReference } from '../../support/tensor-tests.ts';
import { type WindowShape, windowNumbers } from '../../support/windows.ts';

function forwardCall(shape: WindowShape): TensorCall {
  const numbers = windowNumbers(shape);
  const [channels, { rows, inputRows, kernel }] = [4 * shape.c4, numbers];
  const x = activated('x', inputRows, channels);
  const w = tensor('w', 'store', kernel ** 2 * channels);
  return callOf(depthwise, { x, w, out: tensor('out', 'store', rows * channels) }, numbers);
}

function gradientsCall(shape: WindowShape): TensorCall {
  const numbers = windowNumbers(shape);
  const [channels, { rows, inputRows, kernel, chunk }] = [4 * shape.c4, numbers];
  const parts = Math.ceil(inputRows / chunk);
  const operands = {
    g: gradientThroughNorm('g', rows, channels),
    x: activated('x', inputRows, channels),
    w: tensor('w', 'store', kernel ** 2 * channels),
    out: tensor('out', 'store', inputRows * channels),
    filterParts: tensor('filterParts', 'f32', parts * kernel ** 2 * channels),
  };
  return callOf(depthwiseGradients, operands, numbers);
}

// two workgroups of channels, the second not full; chunks that end within runs and lines
const windows = [
  { samples: 2, height: 9, width: 7, c4: 17, kernel: 3, stride: 1, chunk: 45 },
  { samples: 2, height: 9, width: 8, c4: 17, kernel: 3, stride: 2, chunk: 45 },
  { samples: 2, height: 7, width: 14, c4: 17, kernel: 5, stride: 1, chunk: 45 },
  { samples: 2, height: 10, width: 13, c4: 17, kernel: 5, stride: 2, chunk: 45 },
  { samples: 2, height: 10, width: 9, c4: 17, kernel: 3, stride: 2, chunk: 45, top: 0, left: 1 },
  { samples: 2, height: 11, width: 12, c4: 17, kernel: 5, stride: 2, chunk: 45, top: 2, left: 1 },
];
const nameOf = ({ kernel, stride, top, left }: WindowShape) =>
  `kernel ${kernel}, stride ${stride}${top === undefined ? '' : `, ${top} lines above, ${left} columns on the left`}`;

describe('depthwise', () => {
  for (const shape of windows) itAsReference(`filters: ${nameOf(shape)}`, () => forwardCall(shape));

  itAsReference('takes the moments of its output', () => {
    const call = forwardCall(windows[0] as WindowShape);
    return { ...call, epilogue: momentsOf(2 * 63, 68, 45) };
  });
});

describe('depthwise-gradients', () => {
  for (const shape of windows) itAsReference(`filters: ${nameOf(shape)}`, () => gradientsCall(shape));

  itAsReference('adds a gradient, and sums its output for a batch norm', () => {
    const call = gradientsCall(windows[1] as WindowShape);
    const add = tensor('add', 'store', 2 * 72 * 68);
    return { ...call, operands: { ...call.operands, add }, epilogue: normSumsOf(2 * 72, 68, 45) };
  });
});

const shapes = {
  samples: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 1, max: 12 }),
  width: fc.integer({ min: 1, max: 12 }),
  c4: fc.integer({ min: 1, max: 3 }),
  kernel: fc.constantFrom(3, 5),
  stride: fc.constantFrom(1, 2),
  chunk: fc.integer({ min: 1, max: 200 }),
};

describe('depthwise kernels on images of any size', () => {
  describe('forward', () => itAsReferenceInAnyShape(shapes, forwardCall));
  describe('gradients', () => itAsReferenceInAnyShape(shapes, gradientsCall));
});

describe('depthwise kernels in tiles of a CPU', () => {
  const anyFilter = {
    ...{ ...shapes, c4: fc.integer({ min: 1, max: 9 }) },
    ...{ kernel: fc.constantFrom(1, 3, 5, 7), stride: fc.constantFrom(1, 2, 3) },
    ...{ top: fc.integer({ min: 0, max: 3 }), left: fc.integer({ min: 0, max: 3 }) },
  };
  describe('gradients, of any filter', () => itOnCpuAsReferenceInAnyShape(anyFilter, gradientsCall));
  describe('forward, of stored values, of any filter', () =>
    itOnCpuAsReferenceInAnyShape(anyFilter, (shape) => {
      const call = forwardCall(shape);
      const x = tensor('x', 'store', windowNumbers(shape).inputRows * 4 * shape.c4);
      return { ...call, operands: { ...call.operands, x } };
    }));

  const { chunk: _, ...images } = anyFilter;
  const parts = { ...images, bands: fc.integer({ min: 1, max: 4 }), images: fc.integer({ min: 1, max: 3 }) };
  describe('gradients by whole lines or images, added to others and summed', () =>
    itOnCpuAsReferenceInAnyShape(parts, ({ bands, images, ...shape }) => {
      const height = bands * shape.height;
      const chunk = shape.width * (images > 1 ? height * images : shape.height);
      const call = gradientsCall({ ...shape, height, chunk });
      const [rows, channels] = [shape.samples * height * shape.width, 4 * shape.c4];
      const operands = { ...call.operands, add: tensor('add', 'store', rows * channels) };
      return { ...call, operands, epilogue: normSumsOf(rows, channels, chunk) };
    }));
});
