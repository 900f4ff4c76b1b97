import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { DataFlags } from '../../src/cli/data-flags.ts';
import { trainingPipeline } from '../../src/cli/data-flags.ts';
import { openDataset } from '../../src/index.ts';
import { readMetrics } from '../../src/training/metrics-reader.ts';
import type { OutlierRecord } from '../../src/training/outlier-record.ts';
import { folderOf } from '../support/folders.ts';
import { millrace } from '../support/processes.ts';

const IMAGES = 16;
const mislabelled = 'red/blue-indeed.png';

/** Two classes that differ in colour, and one image that is not what its folder says. */
async function colourFolder(): Promise<string> {
  const files: Record<string, Uint8Array> = {};
  const add = async (path: string, background: string, width: number): Promise<void> => {
    const image = sharp({ create: { width, height: 36, channels: 3, background } });
    files[path] = await image.png().toBuffer();
  };
  for (let i = 0; i < IMAGES; i++) {
    if (i > 0) await add(`red/${i}.png`, '#c04030', 32 + i);
    await add(`blue/${i}.png`, '#3050b0', 32 + i);
  }
  await add(mislabelled, '#3050b0', 32);
  return folderOf(files);
}

const flags = {
  ...{ batchSize: 8, imageSize: 32, seed: 3, epochs: 4, labelSmoothing: 0 },
  ...{ lr: 0.05, logOutliers: 2, trainer: 'tfjs' },
};

const dashed = (settings: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(settings).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);

async function train(data: string, settings: object, ...more: string[]) {
  const workspace = folderOf();
  const args = ['train', data, '--workspace', workspace, '--no-checkpoints', '--workers', '1', ...more];
  const finished = await millrace([...args, ...dashed({ ...flags, ...settings })]);
  return { ...finished, workspace };
}

interface Listed {
  readonly epoch: number;
  readonly 'outliers.images': number;
  readonly outliers: readonly OutlierRecord[];
}

const listsOf = (workspace: string): Listed[] =>
  [...readMetrics(join(workspace, 'metrics.jsonl'))].filter((record) => 'outliers' in record) as never;

describe('millrace train --log-outliers', () => {
  it('finds the image that is not what its folder says, and tells where in the stream it stood', async () => {
    const data = await colourFolder();
    const { code, stderr, workspace } = await train(data, {});
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const lists = listsOf(workspace);
    expect(lists.map(({ epoch, outliers }) => [epoch, outliers.length])).toEqual([
      [0, 2],
      [1, 2],
      [2, 2],
      [3, 2],
    ]);
    // the model takes it for what it shows
    for (const { outliers } of lists.slice(-2))
      expect(outliers[0]).toMatchObject({ key: mislabelled, class: 'red' });

    const stream = trainingPipeline(
      openDataset(data),
      { ...pipelineFlags, ...flags },
      { epochs: flags.epochs },
    );
    const expected = lists.flatMap(({ outliers }) => outliers);
    let found = 0;
    for await (const { epoch, index, keys, ids, labels } of stream)
      for (const one of expected)
        if (one.epoch === epoch && one.batch === index) {
          const { row } = one;
          expect([keys[row], ids[row], labels[row]]).toEqual([one.key, one.id, one.label]);
          expect(one.step).toBe((epoch * 2 * IMAGES) / flags.batchSize + index);
          found++;
        }
    expect(found).toBe(expected.length);

    const { loss, step, row } = lists.at(-1)?.outliers[0] as OutlierRecord;
    const command = `millrace replay --from ${join(workspace, 'metrics.jsonl')} --step ${step} --row ${row}`;
    expect(stderr).toContain('epoch 3, the 2 highest losses of 32 images:');
    const line = stderr.split('\n').find((text) => text.endsWith(command));
    expect(line?.trim().split(/ {2,}/)).toEqual([loss?.toFixed(4), mislabelled, 'red', command]);
  });
});

const pipelineFlags: Omit<DataFlags, keyof typeof flags> = {
  ...{ dataBackend: 'cpu', workers: 0, prefetch: 2, onError: 'stop', maxBad: '1%' },
  ...{ interpolation: 'bilinear', augmentation: 'none', policy: 'v0', mixup: 0 },
} as never;
