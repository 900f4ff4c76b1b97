import { describe, expect, it } from 'vitest';
import { accumulationOf } from '../../../src/training/accumulation.ts';

describe('accumulation', () => {
  it('is off with -1, whatever the batch', () => {
    expect(accumulationOf(-1, 256)).toEqual({ batches: 1 });
  });

  it.each([
    // what 8 of the GPUs hold that NVIDIA trained on
    [4096, 8 * 256, 2],
    [4096, 8 * 16, 32],
    [4096, 4096, 1],
  ])('of %i rows takes of batches of %i: %i', (optimizerBatchSize, globalBatchSize, batches) => {
    expect(accumulationOf(optimizerBatchSize, globalBatchSize)).toEqual({ batches });
  });

  it('tells of an update that cannot have as many rows as were asked for', () => {
    const { batches, warning } = accumulationOf(100, 32);
    expect(batches).toBe(3);
    expect(warning).toBe(
      'updates are made of 3 batches, 96 images: 100 is not a multiple of the batch size, 32',
    );
  });

  it.each([31, 0, -2, Number.NaN])('refuses %d rows for batches of 32', (rows) => {
    expect(() => accumulationOf(rows, 32)).toThrow(
      `optimizer batch size must be a batch, 32, or more, or -1 for an update after each batch, got ${rows}`,
    );
  });
});
