import { expect, it } from 'vitest';
import { FinishTables } from '../../../../backends/cpu/finish-tables.ts';
import { instantiateKernels } from '../../../../backends/cpu/instance.ts';
import { WasmMemory } from '../../../../backends/cpu/memory.ts';
import type { TensorFormat } from '../../../../src/core/image.ts';

const imageNet: TensorFormat = {
  dtype: 'float16',
  layout: 'nhwc',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};
/** Of CIFAR-10: arithmetic in float32 rounds some of its 768 values to another half. */
const cifar: TensorFormat = { ...imageNet, mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] };

async function openTables(): Promise<FinishTables> {
  const { kernels, memory } = await instantiateKernels();
  return new FinishTables(kernels, new WasmMemory(memory));
}

it('makes halves by arithmetic where all of them are those of the table, and only there', async () => {
  const tables = await openTables();
  const isFast = (format: TensorFormat) => tables.halfFactors(format) !== undefined;
  expect(isFast(imageNet)).toBe(true);
  expect(isFast(cifar)).toBe(false);
  expect(isFast({ ...imageNet, layout: 'nchw' })).toBe(false);
  expect(isFast({ ...imageNet, dtype: 'float32' })).toBe(false);
  expect(isFast(imageNet)).toBe(true);
});

it('keeps the tables of the last few weights, each with its own', async () => {
  const tables = await openTables();
  const layer = { address: 0, tables: undefined, erase: undefined };
  const placesOf = (weights: readonly number[]) =>
    weights.map((lambda) => tables.mix(layer, { partner: layer, lambda }, imageNet).own);
  const places = placesOf([0.1, 0.2, 0.3]);
  expect(new Set(places).size).toBe(3);
  expect(placesOf([0.1, 0.2, 0.3])).toEqual(places);
});
