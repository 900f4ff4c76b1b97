import { expect, it } from 'vitest';
import { viewOf } from '../../../../backends/tensor-kernels/tensor.ts';
import { defineTensorKernel } from '../../../../backends/tensor-kernels/tensor-kernel.ts';
import type { TimedCall } from '../../../../bench/trainer/own-steps.ts';
import { slowestTable, workTable } from '../../../../bench/trainer/tables.ts';

const kernel = defineTensorKernel({
  name: 'fill',
  operands: { out: { access: 'write', width: 4 } },
  parameters: {},
  workgroups: () => [1, 1, 1],
  reference: () => {},
  wgsl: () => '',
  wasm: { tiles: () => [1, 1] },
});

/** A call that writes so many megabytes, in so many milliseconds. */
function timed(work: string, label: string, megabytes: number, median: number): TimedCall {
  const tensor = {
    name: label,
    purpose: 'activations',
    element: 'f32',
    size: (1e6 * megabytes) / 4,
  } as const;
  const call = { kernel, label, work, operands: { out: viewOf(tensor) }, parameters: {} };
  return { call, milliseconds: { median, min: median, max: median } };
}

const calls = [timed('add', 'a', 10, 1), timed('multiply', 'b', 100, 5), timed('add', 'c', 30, 7)];
const options = { isMixed: false, bytesPerSecond: 20e9 };

const cellsOf = (table: string): string[][] =>
  table
    .trimEnd()
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    );

it('adds up time and bytes by kind of work, beside the time that the bytes need', () => {
  expect(cellsOf(workTable(calls, options))).toEqual([
    ['add', '2', '8.000', '40.0', '2.000', '25 %'],
    ['multiply', '1', '5.000', '100.0', '5.000', '100 %'],
    ['all', '3', '13.000', '140.0', '7.000', '54 %'],
  ]);
});

it('lists the dispatches that take longest', () => {
  expect(cellsOf(slowestTable(calls, 2, options))).toEqual([
    ['fill: c', '1', '7.000', '30.0', '1.500', '21 %'],
    ['fill: b', '1', '5.000', '100.0', '5.000', '100 %'],
  ]);
});
