import { expect, it } from 'vitest';
import type { Box } from '../../../src/core/image.ts';
import { openExecutor } from '../../../src/engine/rows/open-executor.ts';
import { cutmix, erase, images, mixup, randomResizedCrop } from '../../../src/index.ts';
import { drawReplay } from '../../../src/replay/picture.ts';
import { replaysOf } from '../../support/replays.ts';

it('draws the crop into the original, in proportion to it, and the stages beside it', async () => {
  const gray = { width: 300, height: 200, data: new Uint8Array(300 * 200 * 3).fill(90) };
  const dataset = images([0, 1].map((label) => ({ image: gray, label, key: `gray-${label}` })));
  const steps = [randomResizedCrop(32, { scale: [0.2, 0.4] }), mixup(1)];
  const request = { dataset, steps, options: { batchSize: 2, workers: 0, seed: 4 }, epoch: 0, batch: 0 };
  const [replay] = await replaysOf(request, [0]);
  const executor = await openExecutor('cpu');
  const picture = await drawReplay(executor, replay as NonNullable<typeof replay>, dataset);
  await executor.close();

  const isOutline = (pixel: number) =>
    [255, 176, 32].every((level, channel) => picture.data[3 * pixel + channel] === level);
  const outline = Array.from({ length: picture.width * picture.height }, (_, i) => i).filter(isOutline);
  const [xs, ys] = [outline.map((i) => i % picture.width), outline.map((i) => Math.floor(i / picture.width))];
  const extent = (values: number[]) => Math.max(...values) - Math.min(...values) + 1;
  const crop = replay?.sample.drawn[0]?.values as { width: number; height: number };
  // the original of 300 pixels is drawn in a cell of 160
  expect(Math.abs(extent(xs) - (crop.width * 160) / 300)).toBeLessThan(2);
  expect(Math.abs(extent(ys) - (crop.height * 160) / 300)).toBeLessThan(2);
  // original, crop, partner and tensor in one row
  expect(picture.width).toBe(2 * 20 + 4 * 160 + 3 * 14);
});

it('shows the mix before it is erased, and the erased one', async () => {
  const gray = { width: 40, height: 40, data: new Uint8Array(40 * 40 * 3).fill(200) };
  const dataset = images([0, 1].map((label) => ({ image: gray, label, key: `gray-${label}` })));
  const steps = [randomResizedCrop(32), cutmix(), erase({ probability: 1, fill: [-1, -1, -1] })];
  const request = { dataset, steps, options: { batchSize: 2, workers: 0, seed: 4 }, epoch: 0, batch: 0 };
  const [replay] = await replaysOf(request, [0]);
  const executor = await openExecutor('cpu');
  const picture = await drawReplay(executor, replay as NonNullable<typeof replay>, dataset);
  await executor.close();

  const erased = [65, 59, 46];
  const count = Array.from({ length: picture.width * picture.height }, (_, i) => i).filter((i) =>
    erased.every((level, channel) => picture.data[3 * i + channel] === level),
  ).length;
  const box = replay?.sample.eraseAfter?.[0] as Box;
  // in two cells, of the step and of the tensor, each of 160 pixels for 32
  expect(count).toBe(2 * 25 * box.width * box.height);
  // six cells in two rows
  expect(picture.width).toBe(2 * 20 + 4 * 160 + 3 * 14);
});
