import { describe, expect, it } from 'vitest';
import { mixingOf } from '../../../src/core/mixing.ts';
import { multiLabelsOfRows } from '../../../src/core/multi-labels.ts';
import type { EvaluationResult } from '../../../src/core/trainer.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import { pipeline, resize } from '../../../src/index.ts';
import { binaryTargets, checkTargets } from '../../../src/trainers/recipe/batch-input.ts';
import { evaluateLogits } from '../../../src/trainers/recipe/evaluate-logits.ts';
import { evaluateStream } from '../../../src/training/evaluate-stream.ts';
import { patternItems } from '../../support/raw-images.ts';
import { several } from '../../support/several-labels.ts';
import { makeBatch } from '../../support/trainers.ts';

const lists = [[0, 2], [2], [], [1]];
const labels = Int32Array.of(0, 2, -1, 1);
const batch = (mixes: readonly (number | undefined)[]) =>
  makeBatch({
    ...{ images: new Float32Array(12), shape: [4, 1, 1, 3], labels, multiLabels: several(lists) },
    mixing: mixingOf(
      labels,
      mixes.map((lambda) => (lambda === undefined ? undefined : { lambda })),
    ),
  });
const rounded = (values: Float32Array) => [...values].map((value) => Number(value.toFixed(6)));

describe('targets of rows with several classes', () => {
  it('are the sum of both rows’ by their shares, smoothed towards a half', () => {
    const mixed = batch([0.75, 0.75, undefined, undefined]);
    const sharp = [
      [0.75, 0, 1],
      [0.25, 0, 1],
      [0, 0, 0],
      [0, 1, 0],
    ].flat();
    expect(rounded(binaryTargets(mixed, 3, 0))).toEqual(sharp);
    expect(rounded(binaryTargets(mixed, 3, 0.2))).toEqual(
      sharp.map((target) => Number((0.8 * target + 0.1).toFixed(6))),
    );
  });

  it('of one class are spread over all, as timm’s', () => {
    const { multiLabels: _, ...single } = batch([]);
    const one = { ...single, labels: Int32Array.of(0, 2, 1, 1), mixing: undefined };
    expect(rounded(binaryTargets(one, 3, 0.3)).slice(0, 3)).toEqual([0.8, 0.1, 0.1]);
  });

  it('are refused where the model lacks a class, and by the cross-entropy', () => {
    expect(() => binaryTargets(batch([]), 2, 0)).toThrow(/row 0: label must be 0..1, got 2/);
    expect(() => checkTargets(batch([]), 3, 'cross-entropy')).toThrow(
      expect.objectContaining({ code: 'SEVERAL_LABELS' }),
    );
  });
});

describe('an evaluation of rows with several classes', () => {
  const logits = Float32Array.of(3, 0, -1, 0, 5, 1, -9, -9, -9, 1, 2, 3);

  it('has the binary cross-entropy, and counts rows whose best guess is one of their classes', () => {
    const { scores, ...result } = evaluateLogits(logits, { labels, multiLabels: several(lists) }, 3);
    let expected = 0;
    for (const [i, x] of logits.entries()) {
      const p = 1 / (1 + Math.exp(-x));
      expected -= Math.log((lists[Math.floor(i / 3)] as number[]).includes(i % 3) ? p : 1 - p) / 3;
    }
    expect(result.lossSum).toBeCloseTo(expected, 9);
    expect(result).toMatchObject({ top1: 1, top5: 3, rows: 4 });
    expect(scores).toBe(logits);
    expect(() => evaluateLogits(logits, { labels, multiLabels: several(lists) }, 2)).toThrow(
      /row 0: label must be/,
    );
  });

  const data = images(
    patternItems(4).map(({ image, key }, i) => ({ image, key: key as string, labels: lists[i] ?? [] })),
  );
  const evaluated = (step: (rows: readonly number[]) => Partial<EvaluationResult>) =>
    evaluateStream(
      pipeline(data, { batchSize: 3, workers: 0, shuffle: false }).pipe(resize({ width: 4, height: 4 })),
      {
        evaluateStep: async ({ ids }) => ({
          lossSum: 1,
          top1: 1,
          top5: 2,
          rows: ids.length,
          ...step([...ids]),
        }),
      },
    );
  const rowsOf = (rows: readonly number[]) =>
    Float32Array.from(rows.flatMap((row) => [...logits.subarray(3 * row, 3 * row + 3)]));

  it('gives mAP from all batches’ scores, and none where a trainer tells none', async () => {
    const whole = await evaluated((rows) => ({ scores: rowsOf(rows) }));
    // the scores of class 0 stand first; that of 1 second; those of 2 second and third
    expect(whole.perClass?.map(({ averagePrecision }) => averagePrecision)).toEqual([
      1,
      1 / 2,
      expect.closeTo(1 / 4 + 1 / 3, 12),
    ]);
    expect(whole.mAP).toBeCloseTo((1 + 1 / 2 + 1 / 4 + 1 / 3) / 3, 12);
    expect(whole.confusion).toBeUndefined();
    const silent = await evaluated(() => ({}));
    expect(silent).toMatchObject({ top1: 0.5, images: 4 });
    expect(silent.mAP).toBeUndefined();
    await expect(evaluated(() => ({ scores: new Float32Array(4) }))).rejects.toThrow(
      /evaluateStep: scores must be 3 rows of one number per class, 3 or more, got 4 numbers/,
    );
    const refused = async (classes: (rows: readonly number[]) => number) =>
      expect(evaluated((rows) => ({ scores: new Float32Array(rows.length * classes(rows)) }))).rejects;
    await (await refused(() => 2)).toThrow(/3 rows of one number per class, 3 or more, got 6 numbers/);
    await (await refused((rows) => rows.length + 1)).toThrow(
      /1 rows of one number per class as before, 4, .* got 2 numbers/,
    );
  });

  it('is of the rows that a part has', () => {
    const part = multiLabelsOfRows(several(lists), 1, 3);
    expect([...part.offsets, ...part.classes]).toEqual([0, 1, 1, 2]);
  });
});
