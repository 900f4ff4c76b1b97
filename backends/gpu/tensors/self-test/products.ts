import { callOf, tensor, zeros } from '../../../reference/tensors/known-tensor.ts';
import { columnSums } from '../../../tensor-kernels/column-sums/column-sums.ts';
import { depthwise } from '../../../tensor-kernels/depthwise/depthwise.ts';
import { depthwiseGradients } from '../../../tensor-kernels/depthwise-gradients/depthwise-gradients.ts';
import { finiteCheck } from '../../../tensor-kernels/finite-check/finite-check.ts';
import { pointwise } from '../../../tensor-kernels/pointwise/pointwise.ts';
import { pointwiseFilterGradient } from '../../../tensor-kernels/pointwise-filter-gradient/pointwise-filter-gradient.ts';
import { pointwiseInputGradient } from '../../../tensor-kernels/pointwise-input-gradient/pointwise-input-gradient.ts';
import { stem } from '../../../tensor-kernels/stem/stem.ts';
import type { TensorCall } from '../../../tensor-kernels/tensor-kernel.ts';
import { activated, excited, gradientThroughNorm, momentsOf, normSumsOf, stored } from './lazies.ts';

/**
 * A call of each kind of shader that a training spends its time in. Products of matrices have lazy values and epilogues like
 * a training's; the others are bare, since software drivers take seconds to compile such.
 */
export const productCalls = (): TensorCall[] => [
  pointwiseCall(),
  inputGradientCall(),
  filterGradientCall(),
  depthwiseCall(),
  depthwiseGradientsCall(),
  stemCall(),
  columnSumsCall(),
  ...[0, Number.POSITIVE_INFINITY, Number.NaN].map(finiteCheckCall),
];

/** Tiles that are not full; more rows than a tile has. */
const [rows, n4, k4, chunk, sampleRows] = [150, 35, 11, 80, 30] as const;
const [outputs, inputs] = [
  { rows, channels: 4 * n4 },
  { rows, channels: 4 * k4 },
];
const pointwiseNumbers = { rows, n4, k4, chunk, sampleRows };
const weights = () => tensor('weights', 'store', 16 * n4 * k4);

function pointwiseCall(): TensorCall {
  const bias = tensor('bias', 'f32', 4 * n4);
  const operands = {
    x: excited('x', inputs, rows / sampleRows),
    w: weights(),
    bias,
    out: zeros('out', 'store', rows * 4 * n4),
  };
  return { ...callOf(pointwise, operands, pointwiseNumbers), epilogue: momentsOf(outputs, chunk) };
}

function inputGradientCall(): TensorCall {
  const operands = {
    g: gradientThroughNorm('g', inputs),
    w: weights(),
    add: stored('skip', outputs),
    out: zeros('out', 'store', rows * 4 * n4),
  };
  return {
    ...callOf(pointwiseInputGradient, operands, pointwiseNumbers),
    epilogue: normSumsOf(outputs, chunk),
  };
}

function filterGradientCall(): TensorCall {
  const parts = zeros('parts', 'f32', Math.ceil(rows / chunk) * 16 * n4 * k4);
  const operands = { g: gradientThroughNorm('g', outputs), x: activated('x', inputs), parts };
  return callOf(pointwiseFilterGradient, operands, pointwiseNumbers);
}

interface Filter {
  readonly kernel: number;
  readonly stride: number;
  readonly height: number;
  readonly width: number;
}

/** Parameters for two samples. */
function filterNumbers(filter: Filter, c4: number, chunkRows: number) {
  const outHeight = Math.ceil(filter.height / filter.stride);
  const outWidth = Math.ceil(filter.width / filter.stride);
  const [sampleRows, inputSampleRows] = [outHeight * outWidth, filter.height * filter.width];
  const [rows, inputRows] = [2 * sampleRows, 2 * inputSampleRows];
  const margin = (filter.kernel - 1) / 2;
  return {
    ...filter,
    marginTop: margin,
    marginLeft: margin,
    c4,
    chunk: chunkRows,
    outHeight,
    outWidth,
    sampleRows,
    inputSampleRows,
    rows,
    inputRows,
  };
}

function depthwiseCall(): TensorCall {
  const numbers = filterNumbers({ kernel: 5, stride: 2, height: 10, width: 13 }, 17, 45);
  const extent = { rows: numbers.rows, channels: 68 };
  const operands = {
    x: stored('x', { rows: numbers.inputRows, channels: 68 }),
    w: tensor('weights', 'store', 25 * 68),
    out: zeros('out', 'store', numbers.rows * 68),
  };
  return { ...callOf(depthwise, operands, numbers), epilogue: momentsOf(extent, 45) };
}

function depthwiseGradientsCall(): TensorCall {
  const numbers = filterNumbers({ kernel: 3, stride: 2, height: 9, width: 8 }, 17, 45);
  const { rows, inputRows } = numbers;
  const operands = {
    g: stored('g', { rows, channels: 68 }),
    x: stored('x', { rows: inputRows, channels: 68 }),
    w: tensor('weights', 'store', 9 * 68),
    out: zeros('out', 'store', inputRows * 68),
    filterParts: zeros('parts', 'f32', Math.ceil(inputRows / 45) * 9 * 68),
  };
  return callOf(depthwiseGradients, operands, numbers);
}

function stemCall(): TensorCall {
  const numbers = filterNumbers({ kernel: 3, stride: 2, height: 9, width: 8 }, 5, 21);
  const operands = {
    images: tensor('images', 'f16', 3 * numbers.inputRows),
    w: tensor('weights', 'store', 27 * 20),
    out: zeros('out', 'store', numbers.rows * 20),
  };
  return {
    ...callOf(stem, operands, numbers),
    epilogue: momentsOf({ rows: numbers.rows, channels: 20 }, 21),
  };
}

function columnSumsCall(): TensorCall {
  const [first, second] = [stored('first', outputs), stored('second', outputs)];
  const parts = zeros('parts', 'f32', Math.ceil(rows / chunk) * 2 * 4 * n4);
  return callOf(columnSums, { first, second, parts }, { rows, c4: n4, sampleRows, chunk });
}

/** Checks gradients of which one is `value`. */
function finiteCheckCall(value: number): TensorCall {
  const gradients = tensor('gradients', 'f32', 64, (i) => (i === 42 ? value : 1));
  return callOf(finiteCheck, { gradients, flag: zeros('flag', 'u32', 4) }, { size4: 16 });
}
