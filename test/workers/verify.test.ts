import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { streamOf } from '../../src/cli/flags/data-flags.ts';
import { writeDemoPhotographs } from '../../src/demo/photographs.ts';
import {
  imageFolder,
  images,
  mixup,
  randomHorizontalFlip,
  randomResizedCrop,
  type VariantResult,
  verifyStream,
} from '../../src/index.ts';
import { trainingStream } from '../../src/streams/stream-options.ts';
import { trainingSteps } from '../../src/streams/training-steps.ts';
import { faulty } from '../support/faults.ts';
import { folderOf } from '../support/folders.ts';
import { photo, photoFolder } from '../support/photos.ts';
import { millrace } from '../support/processes.ts';
import { patternItems } from '../support/raw-images.ts';
import { importTo } from '../support/stores.ts';

const tiny = ['--image-size', '16', '--batch-size', '8', '--workers', '2'];
const small = [...tiny, '--batches', '2'];
const augmented = ['--augmentation', 'autoaugment', '--mixup', '0.2'];
const statuses = (results: readonly VariantResult[]) =>
  Object.fromEntries(results.map(({ name, status }) => [name, status]));

describe('millrace verify', () => {
  it("finds one stream in the demo's photographs, whatever makes it", async () => {
    const data = join(folderOf(), 'photographs');
    await writeDemoPhotographs(data);
    const flags = ['--image-size', '32', '--batch-size', '16', '--batches', '1', ...augmented];
    // with a GPU: test/gpu/verify.test.ts
    const env = { VK_DRIVER_FILES: '/dev/null', VK_ICD_FILENAMES: '/dev/null' };
    const { code, stdout, isAlone } = await millrace(['verify', data, ...flags], { env });
    expect(stdout).not.toContain('FAIL');
    expect({ code, isAlone }).toEqual({ code: 0, isAlone: true });
    expect(stdout).toMatch(/^no workers: the calling thread +48 {2}PASS$/m);
    expect(stdout).toMatch(/^reference, some batches +32 {2}PASS$/m);
    expect(stdout).toMatch(/^4, then 1, then 2 ranks +48 {2}PASS \(stopped before epoch 1, batch 0\)$/m);
    expect(stdout).toMatch(/\nPASS: one stream, made in 1\d ways.*\n$/);
  });

  it('names the stream as training does: by the digests of the dataset, the pipeline and each epoch', async () => {
    const [data, workspace] = [await photoFolder(8), folderOf()];
    const common = [...tiny, ...augmented, '--seed', '5'];
    const verified = await millrace(['verify', data, ...common, '--json', '--only', '2 workers']);
    const { identity, parts } = JSON.parse(verified.stdout);
    const training = ['--epochs', '2', '--trainer', 'none', '--digest', '--workspace', workspace];
    const { stderr } = await millrace(['train', data, ...common, ...training]);
    const digests = `digest of the stream ${parts[0].digest}, of the dataset ${identity.dataset}, of the pipeline ${identity.pipeline}`;
    expect(stderr).toContain(digests);
    const metrics = readFileSync(join(workspace, 'metrics.jsonl'), 'utf8').trim().split('\n');
    const ofEpochs = metrics
      .map((line) => JSON.parse(line))
      .filter((line) => 'train.loss' in line && !('step' in line));
    expect(ofEpochs.map((line) => line['stream.digest'])).toEqual([
      expect.stringMatching(/^\w{64}$/),
      parts[0].digest,
    ]);
  });

  it('compares a store with the folder it was made of', async () => {
    const folder = await photoFolder(8);
    const [path, reduced] = [join(folderOf(), 'photos.lmdb'), join(folderOf(), 'small.lmdb')];
    await importTo(imageFolder(folder), path);
    await importTo(imageFolder(folder), reduced, { reduction: { maxSide: 40, quality: 90 } });
    const { code, stdout } = await millrace(['verify', folder, path, reduced, ...small, '--only', 'store(']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^store\(.*photos.lmdb\) +\d+ {2}PASS$/m);
    expect(stdout).toMatch(
      /^store\(.*small.lmdb\) +0 {2}FAIL another dataset: images changed by .*40.* instead of nothing$/m,
    );
  });

  it('takes files that cannot be read, where others stand in for them', async () => {
    // as many as there are good ones: some of the stand-ins are bad too
    const bad = Object.fromEntries(
      Array.from({ length: 14 }, (_, i) => [`cat/bad${i}.jpg`, Buffer.from('no image')]),
    );
    const data = await photoFolder(7, { ...bad, 'dog/cut.jpg': (await photo(9)).subarray(0, 900) });
    const stopped = await millrace(['verify', data, ...small]);
    expect(stopped).toMatchObject({ code: 1, stdout: expect.not.stringContaining('PASS') });
    expect(stopped.stderr).toMatch(/^error: (cat\/bad\d+|dog\/cut)\.jpg: /m);
    const flags = ['--on-error', 'substitute', '--max-bad', '100%'];
    const { code, stdout } = await millrace([
      'verify',
      data,
      ...small,
      ...augmented,
      ...flags,
      '--only',
      'ranks',
    ]);
    expect(stdout).not.toContain('FAIL');
    expect(code).toBe(0);
  });

  it('gives an image no more time than it is told to', async () => {
    const data = folderOf({ 'cat/large.jpg': await photo(1, 3000, 2400) });
    const { code, stderr } = await millrace(['verify', data, ...small, '--sample-timeout', '0.001']);
    expect(code).toBe(1);
    expect(stderr).toContain(
      'error: cat/large.jpg: tried 2 times, the last: not done after 0.001 s [TIMED_OUT]',
    );
  });

  it('takes the settings of a preset, and what is typed before them', async () => {
    const data = await photoFolder(8);
    const verify = async (...flags: string[]) => {
      const args = ['--batch-size', '4', '--batches', '1', '--only', 'no workers', '--json', ...flags];
      const { stdout } = await millrace(['verify', data, '--preset', 'efficientnet-b0', ...args]);
      return JSON.parse(stdout).identity.pipeline;
    };
    const digestOf = (imageSize: number, alpha: number) => {
      const recipe = {
        augmentation: 'autoaugment',
        interpolation: 'bicubic',
        mixup: alpha,
        imageSize,
      } as const;
      const flags = streamOf({ ...recipe, batchSize: 4 });
      return trainingStream(imageFolder(data), trainingSteps(flags.recipe), flags.stream, { dropLast: true })
        .digest;
    };
    expect(await verify()).toBe(digestOf(224, 0.2));
    expect(await verify('--image-size', '16', '--mixup', '0')).toBe(digestOf(16, 0));
  });

  it.each([
    ['no data', [], 'name the data, such as photos/train'],
    ['a backend that reads nothing', ['.', '--data-backend', 'synthetic'], 'reads no images'],
    [
      'a variant that there is not',
      ['--only', 'nonsense'],
      "no variant has 'nonsense' in its name:\n  2 workers\n",
    ],
  ])('refuses %s, with exit code 2', async (_, args, message) => {
    const data =
      args[0] === '--only' ? [await photoFolder(8)] : args[0] === '.' ? [await photoFolder(1)] : [];
    const { code, stderr } = await millrace([
      'verify',
      ...data,
      ...args.filter((arg) => arg !== '.'),
      ...small,
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

it('tells of flags of training that have no effect, and leaves them out of its help', async () => {
  const flags = ['--batch-size', '7', '--only', 'ranks', '--prefetch', '3', '--digest'];
  const run = await millrace(['verify', await photoFolder(4), ...tiny.slice(0, 2), ...flags]);
  expect(run.stderr).toMatch(/^--prefetch: has no effect on verify\n--digest: has no effect on verify\n/);
  const help = await millrace(['verify', '--help']);
  expect(help.stdout).toContain('--workers');
  expect(help.stdout).not.toMatch(/--prefetch|--digest/);
});

it('does not pass where nothing could be compared', async () => {
  const flags = [...tiny.slice(0, 2), '--batch-size', '7', '--only', 'ranks', '--no-ranks'];
  const { code, stdout, stderr } = await millrace(['verify', await photoFolder(4), ...flags]);
  expect(stderr).toMatch(/: 8 images, 1 batch of 7 per epoch; two epochs\n/);
  expect(stdout).toMatch(
    /\nSKIP: nothing could be compared with the baseline, 4 skipped; 14 rows; digests: .*\n$/,
  );
  expect(code).toBe(1);
});

describe('verifyStream', () => {
  const options = { batchSize: 6, batches: 1, workers: 1, backends: [] } as const;

  it('leaves out ranks that cannot share a batch, and says why', async () => {
    const steps = [randomResizedCrop(8), mixup(0.2)];
    const { results, isOneStream } = await verifyStream(images(patternItems(20)), steps, options);
    expect(isOneStream).toBe(true);
    expect(results.filter(({ status }) => status === 'skip').map(({ name, note }) => [name, note])).toEqual([
      ['2 ranks', 'mixing needs an even number of rows per rank, 6 / 2 is 3'],
      ['4 ranks', 'batches of 6 rows cannot be split in 4'],
      ['1, then 2, then 4 ranks', 'mixing needs an even number of rows per rank, 6 / 2 is 3'],
      ['4, then 1, then 2 ranks', 'batches of 6 rows cannot be split in 4'],
    ]);
  });

  it('compares whole epochs that are short, with their incomplete last batches', async () => {
    const all: VariantResult[] = [];
    const verdict = await verifyStream(images(patternItems(10)), [randomResizedCrop(8), mixup(0.2)], {
      ...{ ...options, batchSize: 8, batches: 3 },
      onResult: (result) => all.push(result),
    });
    expect(verdict).toMatchObject({ isOneStream: true, rows: 20, parts: [{ to: { epoch: 2, batch: 0 } }] });
    expect(verdict.results).toEqual(all);
    expect(statuses(all)).toMatchObject({ '2 ranks': 'pass', '4 ranks': 'pass' });
  });

  it('does not try on the calling thread what holds threads for ever', async () => {
    const dataset = faulty(patternItems(6), { 3: { effect: 'loops' } });
    const { results, isOneStream } = await verifyStream(dataset, [randomResizedCrop(8)], {
      ...{ ...options, onError: 'substitute', maxBad: 1, sampleTimeoutMs: 250, only: 'no' },
    });
    expect(isOneStream).toBe(true);
    const note = 'pattern-3 ends or holds its thread: it cannot be tried on the calling one';
    expect(results.slice(1)).toEqual([
      { name: 'no workers: the calling thread', status: 'skip', rows: 0, note },
      { name: '1 workers, then none, then 1', status: 'skip', rows: 0, note },
    ]);
  });

  it('finds the sample of which another dataset has another image', async () => {
    const items = patternItems(12);
    const { image } = items[5] as { image: { data: Uint8Array; width: number; height: number } };
    const data = image.data.map((level) => 255 - level);
    const other = images(items.map((item, i) => (i === 5 ? { ...item, image: { ...image, data } } : item)));
    const verdict = await verifyStream(images(items), [randomResizedCrop(8), randomHorizontalFlip()], {
      ...{ ...options, batches: 2, sameAs: [other], only: 'images(' },
    });
    expect(verdict.results.at(-1)).toMatchObject({
      status: 'fail',
      difference: {
        ...{ key: 'pattern-5', stage: 'decode', operator: 'decode' },
        detail: expect.stringMatching(/^pixel \(0, 0\) red: \d+ instead of \d+$/),
      },
    });
  });

  it('says of another dataset which sample is another', async () => {
    const folder = await photoFolder(3);
    const copy = folderOf();
    cpSync(folder, copy, { recursive: true });
    cpSync(join(folder, 'dog/1.jpg'), join(copy, 'cat/1.jpg'));
    const verdict = await verifyStream(imageFolder(folder), [randomResizedCrop(8)], {
      ...{ ...options, batchSize: 2, sameAs: [imageFolder(copy)], only: 'imageFolder' },
    });
    expect(verdict.results.at(-1)?.difference).toMatchObject({
      stage: 'dataset',
      detail: expect.stringMatching(
        /^another dataset: cat\/1.jpg \(label 0, \d+ bytes\) instead of cat\/1.jpg \(label 0, \d+ bytes\)$/,
      ),
    });
  });
});
