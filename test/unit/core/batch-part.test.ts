import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/core/batch.ts';
import { partsOf } from '../../../src/core/batch-part.ts';
import { blendedBy } from '../../support/blended-by.ts';
import { coded } from '../../support/errors.ts';
import { makeBatch } from '../../support/trainers.ts';

const edge = 8;
const valuesOfRow = edge * edge * 3;

function batchOf(rows: number, more: Partial<Batch> = {}): Batch {
  const numbers = Int32Array.from({ length: rows }, (_, row) => row);
  const batch = makeBatch({
    images: Float32Array.from({ length: rows * valuesOfRow }, (_, i) => i),
    shape: [rows, edge, edge, 3],
    labels: numbers,
    mixing: blendedBy(
      0.7,
      numbers.map((row) => row ^ 1),
    ),
  });
  return { ...batch, ...more };
}

/** Stands for memory of a device, which nothing here looks into. */
const buffer = {} as GPUBuffer;
const inBuffer = { buffer, dtype: 'float16' } as const;

describe('parts of a batch', () => {
  it('have its rows in order, and all that is said of them', async () => {
    const substitution = { row: 3, id: 30, key: 'bad' } as Batch['substitutions'][number];
    const rowDigests = [0, 1, 2, 3].map((row) => Uint8Array.of(row));
    const batch = batchOf(4, { substitutions: [substitution], rowDigests });
    const [first, second] = partsOf(batch, 2) as [Batch, Batch];
    expect(second.shape).toEqual([2, edge, edge, 3]);
    expect([...second.labels]).toEqual([2, 3]);
    expect(second.mixing).toEqual(blendedBy(0.7, Int32Array.of(3, 2)));
    expect([...second.ids]).toEqual([2, 3]);
    expect(second.keys).toEqual(['row 2', 'row 3']);
    expect(second.rowDigests).toEqual(rowDigests.slice(2));
    expect(second.substitutions).toEqual([{ ...substitution, row: 1 }]);
    expect(first.substitutions).toEqual([]);
    expect(await second.read()).toEqual((batch.images as Float32Array).slice(2 * valuesOfRow));
    expect(second.images).toEqual(await second.read());
    expect((await first.read()).length).toBe(2 * valuesOfRow);
  });

  it('fetch the images once for all', async () => {
    const batch = batchOf(4);
    let reads = 0;
    const counting = {
      ...batch,
      read: () => {
        reads++;
        return batch.read();
      },
    };
    await Promise.all(partsOf(counting, 1).map((part) => part.read()));
    expect(reads).toBe(1);
  });

  it('begin within the buffer of a batch where shaders can bind that', () => {
    const [, second] = partsOf(batchOf(4, inBuffer), 2) as [Batch, Batch];
    expect(second.bufferOffset).toBe(2 * valuesOfRow * 2);
    expect(second.buffer).toBe(buffer);
  });

  it('have no buffer where a row begins elsewhere', () => {
    const [first, second] = partsOf(batchOf(2, inBuffer), 1) as [Batch, Batch];
    expect(second.bufferOffset).toBe(valuesOfRow * 2);
    expect([first.buffer, second.buffer]).toEqual([buffer, undefined]);
  });

  it('of a part lie where those of the whole batch do', () => {
    const [, half] = partsOf(batchOf(8, inBuffer), 4) as [Batch, Batch];
    const parts = partsOf(half, 2);
    expect(parts.map(({ labels }) => [...labels])).toEqual([
      [4, 5],
      [6, 7],
    ]);
    expect(parts.map(({ bufferOffset }) => bufferOffset)).toEqual([4, 6].map((row) => row * valuesOfRow * 2));
  });

  it('leave the batch to be released by who has it, but for a copy, which frees its own memory', async () => {
    let released = 0;
    let freed = 0;
    const batch: Batch = batchOf(2, {
      release: () => released++,
      copy: () => batchOf(2, { release: () => freed++ }),
    });
    const [, second] = partsOf(batch, 1) as [Batch, Batch];
    second.release();
    const copy = second.copy();
    expect([...copy.labels]).toEqual([1]);
    expect(await copy.read()).toEqual(await second.read());
    copy.release();
    expect([released, freed]).toEqual([0, 1]);
  });

  it.each([0, 3, 8, Number.NaN])('of %s rows are refused for a batch of 4', (rows) => {
    const message = new RegExp(`^a batch of 4 rows cannot be cut into parts of ${rows}$`);
    expect(() => partsOf(batchOf(4), rows)).toThrow(coded('BATCH_SHAPE', message));
  });
});
