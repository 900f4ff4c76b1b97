import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/core/batch.ts';
import {
  describeClass,
  lineToReplay,
  outlierMetrics,
  outlierRecords,
} from '../../../src/workspace/outlier-record.ts';
import { Outliers } from '../../../src/workspace/outliers.ts';
import { blendedBy } from '../../support/blended-by.ts';
import { makeBatch } from '../../support/trainers.ts';

function batchOf(rows: number, index: number, parts: Partial<Batch> = {}): Batch {
  const labels = Int32Array.from({ length: rows }, (_, row) => row);
  const batch = makeBatch({ images: new Float32Array(0), shape: [rows, 0, 0, 3], labels });
  return { ...batch, epoch: 4, index, keys: Array.from(labels, (row) => `${index}/${row}`), ...parts };
}

/** Few values, so that there are ties, and all that is not finite. */
const anyLoss = fc.oneof(
  fc.constantFrom(0, 0.5, 1, Number.POSITIVE_INFINITY, Number.NaN),
  fc.float({ noNaN: true }),
);

/** Those before the others in a list of outliers. */
const rank = (loss: number): number => (Number.isNaN(loss) ? 1 : 0);

describe('the outliers of an epoch', () => {
  it('are the first of all its rows sorted by loss, however many are kept', () => {
    const anyEpoch = fc.array(fc.array(anyLoss, { maxLength: 8 }), { maxLength: 8 });
    fc.assert(
      fc.property(anyEpoch, fc.integer({ min: 1, max: 9 }), (batches, most) => {
        const outliers = new Outliers(most);
        for (const [index, losses] of batches.entries())
          outliers.add(batchOf(losses.length, index), 40 + index, Float32Array.from(losses));
        const rows = batches.flatMap((losses, index) =>
          losses.map((loss, row) => ({ loss: Math.fround(loss), step: 40 + index, key: `${index}/${row}` })),
        );
        // sorting keeps the order of equal ones
        const sorted = rows.toSorted(
          (a, b) => rank(b.loss) - rank(a.loss) || +(b.loss > a.loss) - +(b.loss < a.loss),
        );
        const lap = outliers.lap();
        expect(lap?.outliers.map(({ loss, step, key }) => ({ loss, step, key })) ?? []).toEqual(
          sorted.slice(0, most),
        );
        expect(lap?.images ?? 0).toBe(rows.length);
        expect(lap?.notNumbers ?? 0).toBe(rows.filter(({ loss }) => Number.isNaN(loss)).length);
        expect(outliers.lap()).toBeUndefined();
      }),
    );
  });

  it('say where in the stream each stood, what it was mixed with, and what it stands in for', () => {
    const outliers = new Outliers(2);
    const mixing = blendedBy(0.75, Int32Array.of(1, 2, 0));
    const substitution = (row: number, key: string) => ({
      ...{ row, key, id: 0 },
      ...{ code: '', message: '', operator: undefined, firstBytes: undefined },
    });
    // the stand-in of the first was bad as well
    const substitutions = [substitution(0, 'x'), substitution(2, 'bad'), substitution(2, 'another')];
    outliers.add(
      batchOf(3, 6, { ids: Float64Array.of(7, 8, 9), mixing, substitutions }),
      30,
      Float32Array.of(1, 2, 3),
    );
    const place = { step: 30, epoch: 4, batch: 6 };
    expect(outliers.lap()).toEqual({
      ...{ epoch: 4, images: 3, notNumbers: 0 },
      outliers: [
        {
          ...{ ...place, loss: 3, row: 2, id: 9, key: '6/2', label: 2 },
          ...{ mixed: { label: 0, lambda: 0.75 }, substitutes: 'bad' },
        },
        { ...place, loss: 2, row: 1, id: 8, key: '6/1', label: 1, mixed: { label: 2, lambda: 0.75 } },
      ],
    });
  });

  it('stand in metrics with the names of their classes, and without a number where there is none', () => {
    const outliers = new Outliers(3);
    const mixing = blendedBy(0.75, Int32Array.of(1, 2, 2));
    outliers.add(batchOf(3, 0, { mixing }), 0, Float32Array.of(Number.NaN, 1, 0));
    const lap = outliers.lap() as NonNullable<ReturnType<Outliers['lap']>>;
    const metrics = outlierMetrics(lap, ['cat', 'dog']);
    expect(JSON.parse(JSON.stringify(metrics))).toMatchObject({
      ...{ epoch: 4, 'outliers.images': 3, 'outliers.nan': 1 },
      outliers: [
        { loss: null, class: 'cat', mixed: { label: 1, class: 'dog', lambda: 0.75 } },
        // a model may have more outputs than the data has names
        { loss: 1, class: 'dog', mixed: { label: 2, class: '2', lambda: 0.75 } },
        { loss: 0, class: '2', mixed: { label: 2, class: '2', lambda: 0.75 } },
      ],
    });
    expect(outlierRecords(lap, ['cat', 'dog']).map(describeClass)).toEqual([
      '0.75 cat + 0.25 dog',
      '0.75 dog + 0.25 2',
      '2',
    ]);
  });

  it('are replayed by a command that a shell takes as it is meant', () => {
    const at = { step: 12, row: 3 };
    expect(lineToReplay('runs/a-1/metrics.jsonl', at)).toBe(
      'millrace replay --from runs/a-1/metrics.jsonl --step 12 --row 3',
    );
    expect(lineToReplay("my runs/it's/m.jsonl", at)).toContain(`--from 'my runs/it'\\''s/m.jsonl' --step`);
  });
});
