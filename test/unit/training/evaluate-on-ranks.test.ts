import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type EvaluationResult, images, type Substitution, type Trainer } from '../../../src/index.ts';
import type { Ranks } from '../../../src/ranks/ranks.ts';
import { trainDefaults } from '../../../src/training/complete-options.ts';
import { type EvaluationData, evaluateOnRanks } from '../../../src/training/evaluate-on-ranks.ts';
import { Agreement } from '../../../src/training/ranks/agreement.ts';
import { folderOf } from '../../support/folders.ts';
import { localRanks } from '../../support/local-ranks.ts';
import { patternItems } from '../../support/raw-images.ts';

/** In this order they add up to 9; in others to something else. */
const losses = [1e16, 1, -1e16, 8, 1];

/** Guesses by the pixels; how many batches it has seen. */
class Guesser {
  batches = 0;

  readonly evaluateStep: Trainer['evaluateStep'] = async (batch): Promise<EvaluationResult> => {
    this.batches++;
    const { labels, ids } = batch;
    const pixels = (await batch.read()).length / labels.length;
    const predictions = [...labels].map((_, row) => Math.abs(batch.images[row * pixels] as number) & 3);
    const top1 = predictions.filter((guess, row) => guess === labels[row]).length;
    const lossSum = losses[(ids[0] as number) / 4] ?? Number.NaN;
    return { lossSum, top1, top5: top1, rows: labels.length, predictions };
  };
}

const data = (count: number, more: Partial<EvaluationData['reading']> = {}, bad: readonly number[] = []) => ({
  dataset: images(
    patternItems(count).map((item, i) => (bad.includes(i) ? { ...item, image: Buffer.from('text') } : item)),
  ),
  reading: { ...trainDefaults.stream, batchSize: 4, workers: 0, ...more },
  images: { imageSize: 8, interpolation: 'bilinear' as const },
  signal: undefined,
});

/** How the evaluation ends on each rank. */
const onAll = (size: number, evaluate: (ranks: Ranks) => Promise<unknown>): Promise<unknown[]> =>
  Promise.all(localRanks(size).map((ranks) => evaluate(ranks).catch((error: unknown) => error)));

const withoutTimes = (evaluation: object): object => ({ ...evaluation, speed: undefined });

describe('an evaluation that ranks share', () => {
  it.each([1, 5, 17])('gives all ranks what one rank finds in %i images', async (count) => {
    const [alone] = (await onAll(1, (ranks) =>
      evaluateOnRanks(new Agreement(ranks), data(count), new Guesser()),
    )) as [Awaited<ReturnType<typeof evaluateOnRanks>>];
    expect(alone.images).toBe(count);
    for (const size of [2, 3, 4]) {
      const guessers = Array.from({ length: size }, () => new Guesser());
      const all = (await onAll(size, (ranks) =>
        evaluateOnRanks(new Agreement(ranks), data(count), guessers[ranks.rank] as Guesser),
      )) as [typeof alone];
      for (const one of all) {
        expect(withoutTimes(one)).toEqual(withoutTimes(alone));
        expect(one.speed).toEqual(all[0].speed);
        expect(one.speed.latencies).toHaveLength(Math.ceil(count / 4));
      }
      const batches = Math.ceil(count / 4);
      const shares = guessers.map((_, rank) => Math.ceil((batches - rank) / size));
      expect(guessers.map((guesser) => guesser.batches)).toEqual(shares.map((share) => Math.max(0, share)));
    }
  });

  it('adds the losses of batches in the order of the stream', async () => {
    const [all] = (await onAll(2, (ranks) =>
      evaluateOnRanks(new Agreement(ranks), data(17), new Guesser()),
    )) as [{ loss: number }];
    expect(all.loss).toBe(losses.reduce((sum, loss) => sum + loss, 0) / 17);
    const byRank = [0, 2, 4, 1, 3].reduce((sum, batch) => sum + (losses[batch] as number), 0);
    expect(all.loss).not.toBe(byRank / 17);
  });

  it('says so on all ranks where a loss is no number, or one trainer does not tell its guesses', async () => {
    const all = await onAll(2, async (ranks) => {
      const guesser = new Guesser();
      const evaluateStep: Trainer['evaluateStep'] = async (batch) => {
        const { predictions: _, ...others } = await guesser.evaluateStep(batch);
        return { ...others, lossSum: Number.NaN };
      };
      return evaluateOnRanks(new Agreement(ranks), data(5), ranks.rank === 1 ? { evaluateStep } : guesser);
    });
    for (const one of all) expect(one).toMatchObject({ loss: Number.NaN, confusion: undefined });
  });

  it('takes as long as its slowest rank', async () => {
    const [all] = (await onAll(2, async (ranks) => {
      const guesser = new Guesser();
      const evaluateStep: Trainer['evaluateStep'] = async (batch) => {
        if (ranks.rank === 1) await new Promise((resolve) => setTimeout(resolve, 200));
        return guesser.evaluateStep(batch);
      };
      return evaluateOnRanks(new Agreement(ranks), data(8), { evaluateStep });
    })) as [{ speed: { imagesPerSecond: number; latencies: readonly number[] } }];
    expect(all.speed.imagesPerSecond).toBeLessThan(8 / 0.19);
    expect(all.speed.latencies[1]).toBeGreaterThan(0.19);
  });

  it('throws on all ranks what one of them threw, and names it', async () => {
    const all = await onAll(2, (ranks) =>
      evaluateOnRanks(new Agreement(ranks), data(8, {}, [5]), new Guesser()),
    );
    for (const error of all)
      expect(error).toMatchObject({
        code: 'NOT_AN_IMAGE',
        message: expect.stringContaining('rank 1 of 2: pattern-5'),
      });
  });
});

describe('bad images of an evaluation that ranks share', () => {
  const bad = [2, 5, 6, 13];

  /** What the evaluation says, and the lines of its quarantine without their time. */
  async function evaluateIn(size: number, maxBad: number, badImages = bad) {
    const quarantine = join(folderOf(), 'quarantine.jsonl');
    const reading = { onError: 'substitute', quarantine, maxBad } as const;
    const all = await onAll(size, (ranks) =>
      evaluateOnRanks(new Agreement(ranks), data(17, reading, badImages), new Guesser()),
    );
    const lines = existsSync(quarantine) ? readFileSync(quarantine, 'utf8').trim().split('\n') : [];
    const records = lines.map((line) => ({ ...(JSON.parse(line) as Substitution), time: undefined }));
    return { all, records, quarantine };
  }

  it('are replaced, counted and listed as one rank does it', async () => {
    const alone = await evaluateIn(1, 9);
    expect(alone.all[0]).toMatchObject({ badSamples: { badSamples: 4 } });
    expect(alone.records.map(({ id }) => id).sort((a, b) => a - b)).toEqual(bad);
    for (const size of [2, 4]) {
      const { all, records } = await evaluateIn(size, 9);
      for (const one of all)
        expect(withoutTimes(one as object)).toEqual(withoutTimes(alone.all[0] as object));
      expect(records).toEqual(alone.records);
    }
  });

  it.each([
    ['one rank alone has', 1, 2],
    ['all ranks together have', 2, 4],
  ])('are too many where %s too many', async (_, maxBad, found) => {
    const alone = await evaluateIn(1, maxBad);
    const { all, records, quarantine } = await evaluateIn(2, maxBad);
    const [message] = alone.all.map((error) => (error as Error).message.replaceAll(alone.quarantine, ''));
    expect(message).toContain(`too many bad samples: ${found} of 17`);
    for (const error of all) {
      expect(error).toMatchObject({ code: 'TOO_MANY_BAD_SAMPLES' });
      expect((error as Error).message.replaceAll(quarantine, '')).toBe(message);
    }
    expect(records).toEqual(alone.records);
  });

  it('are listed where no image is left to stand in', async () => {
    const everyOne = Array.from({ length: 17 }, (_, i) => i);
    const { all, records } = await evaluateIn(2, 99, everyOne);
    for (const error of all) expect(error).toMatchObject({ code: 'NO_STAND_IN' });
    expect(records.length).toBeGreaterThan(4);
  });
});
