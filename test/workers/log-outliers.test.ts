import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { streamOf } from '../../src/cli/flags/data-flags.ts';
import type { Box } from '../../src/core/image.ts';
import type { Trainer } from '../../src/core/trainer.ts';
import {
  erase,
  mix,
  openDataset,
  randomResizedCrop,
  replay,
  train as trainFromCode,
} from '../../src/index.ts';
import { trainingStream } from '../../src/streams/stream-options.ts';
import { trainingSteps } from '../../src/streams/training-steps.ts';
import { readMetrics } from '../../src/workspace/metrics-reader.ts';
import type { OutlierRecord } from '../../src/workspace/outlier-record.ts';
import { folderOf } from '../support/folders.ts';
import { millrace } from '../support/processes.ts';
import { flawOf } from '../support/well-formed.ts';

const mislabelled = 'red/blue-indeed.png';

/** 32 images of two classes that differ in colour, one of which is not what its folder says. */
async function colourFolder(more: Readonly<Record<string, Uint8Array>> = {}): Promise<string> {
  const files: Record<string, Uint8Array> = {};
  const add = async (path: string, background: string, width: number): Promise<void> => {
    const image = sharp({ create: { width, height: 36, channels: 3, background } });
    files[path] = await image.png().toBuffer();
  };
  for (let i = 0; i < 16; i++) {
    if (i > 0) await add(`red/${i}.png`, '#c04030', 32 + i);
    await add(`blue/${i}.png`, '#3050b0', 32 + i);
  }
  await add(mislabelled, '#3050b0', 32);
  return folderOf({ ...files, ...more });
}

/** 4 batches an epoch. */
const settings = { batchSize: 8, imageSize: 32, seed: 3, epochs: 8, labelSmoothing: 0, lr: 0.002 };

const asFlags = (values: object): string[] =>
  Object.entries(values).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);

async function train(data: string, changes: object, workspace = folderOf()) {
  const args = ['train', data, '--workspace', workspace, '--workers', '1'];
  const finished = await millrace([...args, ...asFlags({ ...settings, ...changes })]);
  return { ...finished, workspace, metrics: join(workspace, 'metrics.jsonl') };
}

/** Lines of outliers in a metrics file. */
interface Listed {
  readonly epoch: number;
  readonly 'outliers.images': number;
  readonly 'outliers.nan': number;
  readonly outliers: readonly OutlierRecord[];
}

const listsIn = (metrics: string): Listed[] =>
  [...readMetrics(metrics)].filter((record) => 'outliers' in record) as never;

/** Makes the stream again, and looks at the places where the outliers stood. */
async function expectInStream(data: string, changes: object, lists: readonly Listed[]): Promise<void> {
  const flags = { workers: 0, ...settings, ...changes };
  const { stream: options, recipe } = streamOf(flags);
  const order = { epochs: flags.epochs, dropLast: true };
  const stream = trainingStream(await openDataset(data), trainingSteps(recipe), options, order);
  const left = new Set(lists.flatMap(({ outliers }) => outliers));
  for await (const { epoch, index, keys, ids, labels, occurrences, mixing } of stream)
    for (const outlier of left) {
      if (outlier.epoch !== epoch || outlier.batch !== index) continue;
      const { row, key, id, label, step, mixed } = outlier;
      expect([key, id, label, step]).toEqual([keys[row], ids[row], labels[row], epoch * 4 + index]);
      expect(mixed?.label).toBe(mixing?.partnerLabels[row]);
      expect(mixed?.lambda).toBe(mixing?.weights[row]);
      expect(outlier.occurrence).toBe(occurrences?.[row]);
      left.delete(outlier);
    }
  expect([...left]).toEqual([]);
}

/** A trainer whose loss of a row is the sample's index, and not a number of sample 5; interrupts itself after a step. */
const byIndex = (lastStep = -1) => `
  const nothing = async () => {};
  export const trainer = {
    name: 'by index', givesLosses: true, prepare: nothing, load: nothing, close: nothing,
    state: async () => ({ weights: { w: { shape: [1], data: new Float32Array(1) } }, optimizer: {} }),
    async trainStep({ ids }, { step }) {
      if (step === ${lastStep}) process.kill(process.pid, 'SIGINT');
      return { loss: 1, losses: Float32Array.from(ids, (id) => (id === 5 ? NaN : id)) };
    },
    evaluateStep: async ({ labels }) => ({ lossSum: 1, top1: 0, top5: 0, rows: labels.length }),
  };`;

const lossByRow: Trainer = {
  name: 'by row',
  givesLosses: true,
  prepare: async () => {},
  load: async () => {},
  close: async () => {},
  state: async () => ({ weights: {}, optimizer: {} }),
  evaluateStep: async ({ labels }) => ({ lossSum: 1, top1: 0, top5: 0, rows: labels.length }),
  trainStep: async ({ labels }) => ({ loss: 1, losses: Float32Array.from(labels.keys()) }),
};

/** What a replay says of a row, in part. */
interface ReplayedRow {
  readonly row: number;
  readonly key: string;
  readonly occurrence: number;
  readonly mixing: {
    readonly lambda: number;
    readonly box?: Box;
    readonly partner?: { readonly label: number; readonly class: string };
  };
}

const shownOf = ({ row, key, occurrence, mixed }: OutlierRecord) => ({ row, key, occurrence, mixed });

const trainerOf = (text: string): string => join(folderOf({ 'trainer.mjs': text }), 'trainer.mjs');

describe('millrace train --log-outliers', () => {
  it('finds the image that is not what its folder says, and tells where in the stream it stood', async () => {
    const data = await colourFolder();
    const { code, stderr, metrics, workspace } = await train(data, { logOutliers: 2 });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const lists = listsIn(metrics);
    expect(lists.map(({ epoch, outliers }) => [epoch, outliers.length])).toEqual(
      Array.from({ length: 8 }, (_, epoch) => [epoch, 2]),
    );
    for (const { outliers } of lists.slice(-2))
      expect(outliers[0]).toMatchObject({ key: mislabelled, class: 'red' });
    await expectInStream(data, {}, lists);

    const [{ loss, step, row }] = (lists.at(-1) as Listed).outliers as [OutlierRecord];
    const command = `millrace replay --from ${metrics} --step ${step} --row ${row}`;
    expect(stderr).toContain('epoch 8, the 2 highest losses of 32 images:');
    const line = stderr.split('\n').find((text) => text.endsWith(command));
    expect(line?.trim().split(/ {2,}/)).toEqual([(loss as number).toFixed(4), mislabelled, 'red', command]);
    const page = readFileSync(join(workspace, 'report.html'), 'utf8');
    expect(flawOf(page)).toBeUndefined();
    expect(page).toContain('<h2>Highest losses of epoch 7</h2>');
    expect(page).toContain(`<code>${command}</code>`);
  });

  it('lists mixed rows with their partners, and a loss that is not a number before all others', async () => {
    const data = await colourFolder();
    const changes = { epochs: 1, mixup: 0.4 };
    const trainer = trainerOf(byIndex());
    const { stderr, metrics } = await train(data, { ...changes, trainer, logOutliers: 3 });
    const [list] = listsIn(metrics);
    expect(list).toMatchObject({ epoch: 0, 'outliers.images': 32, 'outliers.nan': 1 });
    expect(list?.outliers.map(({ id, loss }) => [id, loss])).toEqual([
      [5, null],
      [31, 31],
      [30, 30],
    ]);
    expect(list?.outliers.every(({ mixed }) => mixed !== undefined)).toBe(true);
    await expectInStream(data, changes, [list as Listed]);
    expect(stderr).toContain('epoch 1, the 3 highest losses of 32 images, 1 of them not a number:');
  });

  it('tells the rows of a repeated image apart, and how to replay each', async () => {
    const data = await colourFolder();
    const changes = { epochs: 1, raReps: 4 };
    const { metrics } = await train(data, { ...changes, trainer: trainerOf(byIndex()), logOutliers: 4 });
    const [list] = listsIn(metrics);
    expect(new Set(list?.outliers.map(({ id }) => id)).size).toBe(1);
    await expectInStream(data, changes, [list as Listed]);
    const last = list?.outliers.at(-1) as OutlierRecord;
    const pages: object[] = [];
    await replay({ from: metrics, step: last.step, row: last.row, onRow: (row) => pages.push(row) });
    // of two images in a batch of eight rows, drawn for the fourth time
    expect(last.row).toBeGreaterThan(5);
    expect(pages).toMatchObject([{ key: last.key, row: last.row }]);
  });

  it('says of each row how it was mixed, and which of its image it is, as its replay does', async () => {
    const steps = [
      ...[randomResizedCrop(16), erase(), mix({ mixup: 0.8, cutmix: 1, mode: 'row', prob: 0.7 })],
      erase({ value: 'noise' }),
    ];
    const workspace = folderOf();
    const given = { data: await colourFolder(), steps, trainer: lossByRow, workspace, outliers: 32 };
    const stream = { batchSize: 8, seed: 3, workers: 0, repeats: 2 };
    await trainFromCode({ ...given, stream, schedule: { epochs: 1 } }).result;
    const metrics = join(workspace, 'metrics.jsonl');
    const [list] = listsIn(metrics);
    expect(list?.outliers).toHaveLength(32);
    expect(new Set(list?.outliers.map(({ mixed }) => mixed && Object.keys(mixed).length))).toEqual(
      new Set([undefined, 3, 4]),
    );
    for (const step of [0, 3]) {
      const pages: ReplayedRow[] = [];
      await replay({ from: metrics, steps, step, onRow: (row) => pages.push(row as ReplayedRow) });
      const listed = list?.outliers.filter((outlier) => outlier.step === step) ?? [];
      expect(listed.toSorted((a, b) => a.row - b.row).map(shownOf)).toEqual(
        pages.map(({ row, key, occurrence, mixing: { lambda, box, partner } }) => ({
          ...{ row, key, occurrence },
          mixed: partner && { label: partner.label, class: partner.class, lambda, ...(box && { box }) },
        })),
      );
    }
  });

  it('lists what there was of an epoch where it was interrupted, and the rest when it goes on', async () => {
    const data = await colourFolder();
    const changes = { epochs: 2, logOutliers: 1 };
    const first = await train(data, { ...changes, trainer: trainerOf(byIndex(4)) });
    expect(first.code).toBe(130);
    // how much is listed is none of what makes it another training
    const rest = { ...changes, trainer: trainerOf(byIndex()), logOutliers: 32, resume: first.workspace };
    expect(await train(data, rest, first.workspace)).toMatchObject({ code: 0 });
    const lists = listsIn(first.metrics);
    expect(lists.map((list) => [list.epoch, list['outliers.images'], list.outliers.length])).toEqual([
      [0, 32, 1],
      [1, 8, 1],
      [1, 24, 24],
    ]);
    expect(new Set(lists.at(-1)?.outliers.map(({ step }) => step))).toEqual(new Set([5, 6, 7]));
  });

  it('names the bad sample that another one stands in for', async () => {
    const data = await colourFolder({ 'red/bad.png': new Uint8Array(9) });
    const flags = { epochs: 1, batchSize: 11, onError: 'substitute', maxBad: 1, logOutliers: 33 };
    const { stderr, metrics } = await train(data, { ...flags, trainer: trainerOf(byIndex()) });
    const marked = listsIn(metrics).flatMap(({ outliers }) =>
      outliers.filter(({ substitutes }) => substitutes !== undefined),
    );
    expect(marked).toMatchObject([{ substitutes: 'red/bad.png' }]);
    expect(marked[0]?.key).not.toBe('red/bad.png');
    expect(stderr).toContain(`${marked[0]?.key} (in place of red/bad.png)`);
  });

  it.each([
    [
      'of a trainer that gives no losses',
      1,
      { trainer: 'none' },
      'the trainer none gives no loss of single rows',
    ],
    [
      'of synthetic batches',
      2,
      { dataBackend: 'synthetic' },
      'synthetic batches have no samples to tell apart',
    ],
    ['of none', 2, { logOutliers: 0 }, 'Expected an integer of 1..1000'],
  ])('is refused %s, before the first step', async (_, expected, changes, message) => {
    const { code, stderr, metrics } = await train(await colourFolder(), { logOutliers: 2, ...changes });
    expect(code).toBe(expected);
    expect(stderr).toContain('--log-outliers');
    expect(stderr).toContain(message);
    expect(existsSync(metrics)).toBe(false);
  });

  it('is the only way to have outliers in metrics and report', async () => {
    const { metrics, workspace } = await train(await colourFolder(), { epochs: 1 });
    expect(listsIn(metrics)).toEqual([]);
    expect(readFileSync(join(workspace, 'report.html'), 'utf8')).not.toContain('Highest losses');
  });
});
