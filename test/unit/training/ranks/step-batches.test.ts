import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Mixing } from '../../../../src/core/batch.ts';
import { DataError } from '../../../../src/core/errors.ts';
import type { Step } from '../../../../src/core/step.ts';
import type { Dataset } from '../../../../src/datasets/dataset.ts';
import type { BadBudget } from '../../../../src/engine/order/substitution.ts';
import { imageFolder, mix, mixup, pipeline, randomResizedCrop } from '../../../../src/index.ts';
import { alone, type Ranks } from '../../../../src/ranks/ranks.ts';
import { Agreement } from '../../../../src/training/ranks/agreement.ts';
import { BadRowCount, uncounted } from '../../../../src/training/ranks/bad-rows.ts';
import { StepBatches } from '../../../../src/training/ranks/step-batches.ts';
import { folderOf } from '../../../support/folders.ts';
import { localRanks } from '../../../support/local-ranks.ts';
import { photoFolder } from '../../../support/photos.ts';

/** Rows of a step. */
const ROWS = 8;

interface Options {
  readonly dataset: Dataset;
  readonly mixing?: Step;
  readonly repeats?: number;
  readonly quarantine?: string;
  readonly maxBad?: BadBudget;
  readonly onError?: 'stop' | 'substitute';
  readonly start?: { readonly epoch: number; readonly batch: number; readonly digest?: string };
}

/** What a rank's stream gives it. */
function batchesOf(ranks: Ranks, options: Options) {
  const { dataset, quarantine, maxBad = 100, start, onError, mixing = mixup(0.2), repeats } = options;
  const { rank, size } = ranks;
  const stream = {
    ...{ batchSize: ROWS / size, onError: onError ?? 'substitute', maxBad, workers: 0, digest: true },
    ...(quarantine !== undefined && { quarantine }),
    ...(repeats !== undefined && { repeats }),
  } as const;
  const order = { epochs: 2, dropLast: true, rank, worldSize: size, ...(start && { start }) };
  const own = size === 1 ? stream : uncounted(stream);
  const batches = pipeline(dataset, { ...own, ...order }).pipe(randomResizedCrop(8), mixing);
  const agreement = new Agreement(ranks);
  if (size === 1) return new StepBatches(batches, agreement);
  return new StepBatches(batches, agreement, {
    rows: ROWS / size,
    bad: new BadRowCount(agreement, { dataset, maxBad, quarantine }),
    digestSoFar: start?.digest ?? '',
  });
}

/** All that each rank learns of the steps, and how it ended. */
const learn = (all: readonly Ranks[], options: Options) =>
  Promise.all(
    all.map(async (ranks) => {
      const batches = batchesOf(ranks, options);
      const steps: Record<string, unknown>[] = [];
      let error: unknown;
      try {
        for await (const { images, substitutions, digest, rows } of batches) {
          const { epoch, index, ids, keys, labels, mixing, occurrences } = await rows();
          steps.push({ images, substitutions, digest, epoch, index, ids, keys, labels, mixing, occurrences });
        }
      } catch (reason) {
        error = reason;
      }
      return { steps, error, badSamples: batches.badSamples, digest: batches.digest };
    }),
  );

/** Lines of a quarantine file, without their times. */
const linesOf = (path: string): unknown[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => ({ ...JSON.parse(line), time: undefined }));

/** 30 photos, and 5 files that are none. */
async function damaged(): Promise<Dataset> {
  const bad = [0, 1, 2, 3, 4].map((i) => [`dog/bad ${i}.jpg`, Buffer.from(`<html>${i}`)]);
  return imageFolder(await photoFolder(15, Object.fromEntries(bad)));
}

describe('the batches of ranks', () => {
  it('are those of one rank: rows, digest, substitutions and quarantine, of 2 and 4', async () => {
    const dataset = await damaged();
    const folder = folderOf();
    const learnt = async (size: number) => {
      const quarantine = join(folder, `${size}.jsonl`);
      const all = await learn(size === 1 ? [alone] : localRanks(size), { dataset, quarantine });
      return { all, lines: linesOf(quarantine) };
    };
    const one = await learnt(1);
    const [expected] = one.all;
    expect(expected?.steps).toHaveLength(8);
    expect(expected?.badSamples.badSamples).toBe(5);
    expect(expected?.badSamples.substitutions).toBeGreaterThanOrEqual(8);
    for (const size of [2, 4]) {
      const { all, lines } = await learnt(size);
      expect(all).toEqual(Array(size).fill(expected));
      expect(lines).toEqual(one.lines);
    }
  });

  it('are those of one rank where each row has its own share, and samples are repeated', async () => {
    const mixing = mix({ mixup: 0.8, cutmix: 1, mode: 'row', prob: 0.7 });
    const options = { dataset: await damaged(), mixing, repeats: 2 };
    const [one] = await learn([alone], options);
    expect(one?.error).toBeUndefined();
    expect(one?.steps.filter(({ mixing }) => (mixing as Mixing).boxes)).toHaveLength(7);
    expect(await learn(localRanks(2), options)).toEqual([one, one]);
  });

  it('have the same digest where they begin within an epoch', async () => {
    const dataset = await damaged();
    const [whole] = await learn([alone], { dataset });
    const digest = String(whole?.steps[1]?.['digest']);
    const start = { epoch: 0, batch: 2, digest };
    const later = await learn(localRanks(2), { dataset, start });
    for (const { steps } of later) expect(steps).toEqual(whole?.steps.slice(2));
  });

  it.each([0, 2, 3])('end at the batch of one rank where %i bad samples are allowed', async (maxBad) => {
    const dataset = await damaged();
    const folder = folderOf();
    const options = (size: number) => ({ dataset, maxBad, quarantine: join(folder, `${size}.jsonl`) });
    const [one] = await learn([alone], options(1));
    expect(one?.error).toMatchObject({ code: 'TOO_MANY_BAD_SAMPLES' });
    for (const { error, ...others } of await learn(localRanks(4), options(4))) {
      expect(others).toEqual({ ...one, error: undefined });
      const message = String(one?.error)
        .replace(/^\w+: /, '')
        .replaceAll('1.jsonl', '4.jsonl');
      expect(error).toMatchObject({ code: 'TOO_MANY_BAD_SAMPLES', message });
    }
    expect(linesOf(join(folder, '4.jsonl'))).toEqual(linesOf(join(folder, '1.jsonl')));
  });

  it('end, and are quarantined, as those of one rank where no stand-in can be used', async () => {
    const bad = Array.from({ length: 40 }, (_, i) => [`dog/bad ${i}.jpg`, Buffer.from(`<html>${i}`)]);
    const dataset = imageFolder(await photoFolder(1, Object.fromEntries(bad)));
    const folder = folderOf();
    const options = (size: number) => ({ dataset, quarantine: join(folder, `${size}.jsonl`) });
    const [one] = await learn([alone], options(1));
    expect(one?.error).toMatchObject({ code: 'NO_STAND_IN' });
    for (const { error } of await learn(localRanks(2), options(2))) {
      expect(error).toBeInstanceOf(DataError);
      expect(error).toMatchObject({ code: 'NO_STAND_IN' });
    }
    expect(linesOf(join(folder, '2.jsonl'))).toEqual(linesOf(join(folder, '1.jsonl')));
  });

  it('end on all ranks, after the same step, by the error of one', async () => {
    const dataset = await damaged();
    const [one] = await learn([alone], { dataset, onError: 'stop' });
    const all = await learn(localRanks(4), { dataset, onError: 'stop' });
    for (const { steps, error } of all) {
      expect(steps).toEqual(one?.steps);
      expect(error).toBeInstanceOf(DataError);
      expect((error as Error).message).toMatch(/^rank \d of 4: .*bad \d\.jpg/);
    }
  });

  it('end on all ranks where only the first cannot write the quarantine file', async () => {
    const dataset = await damaged();
    const folder = folderOf({ 'a-file': '' });
    const all = await learn(localRanks(2), { dataset, quarantine: join(folder, 'a-file', 'q.jsonl') });
    for (const { error } of all)
      expect((error as Error).message).toMatch(/^rank 0 of 2: .*quarantine file cannot be written/);
    expect(existsSync(join(folder, 'a-file', 'q.jsonl'))).toBe(false);
  });
});
