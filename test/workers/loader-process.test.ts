import { expect, it } from 'vitest';
import { runLoader } from '../../bench/loader-process.ts';

const node = (script: string) => ({ name: 'loader', command: process.execPath, args: ['-e', script] });
const versions = { event: 'versions', node: '20' };
const first = { event: 'first-batch' };
const batch = { event: 'batch', shape: [2, 4, 4, 3], dtype: 'float16', mean: 0.5 };
const epoch = { event: 'epoch', images: 100, imagesPerSecond: 50 };
const printing = (...lines: object[]) =>
  node(lines.map((line) => `console.log(${JSON.stringify(JSON.stringify(line))})`).join(';'));

it('collects what a loader reports', async () => {
  const run = await runLoader(printing(versions, first, batch, epoch, { ...epoch, imagesPerSecond: 60 }));
  expect(run).toMatchObject({
    versions: { node: '20' },
    dtype: 'float16',
    images: 100,
    imagesPerSecond: [50, 60],
  });
  expect(run.secondsToFirstBatch).toBeGreaterThan(0);
});

it('refuses a loader whose epochs differ in images', async () => {
  const run = runLoader(printing(versions, first, batch, epoch, { ...epoch, images: 99 }));
  await expect(run).rejects.toThrow('100, 99 images an epoch');
});

it('refuses a loader that reports no epoch', async () => {
  await expect(runLoader(printing(versions, first, batch))).rejects.toThrow('did not report');
});

it('refuses a loader whose first batch is blank', async () => {
  await expect(runLoader(printing(versions, first, { ...batch, mean: 0 }, epoch))).rejects.toThrow(
    'mean is 0',
  );
});

it('passes on what a failing loader says', async () => {
  await expect(runLoader(node('throw new Error("out of paper")'))).rejects.toThrow(
    /ended with 1:\n(.*\n)*.*out of paper/,
  );
});

it('names a command that cannot be started', async () => {
  await expect(runLoader({ name: 'x', command: './no-such-program', args: [] })).rejects.toThrow(
    'no-such-program',
  );
});
