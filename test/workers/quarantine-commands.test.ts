import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readQuarantine } from '../../src/index.ts';
import { folderOf } from '../support/folders.ts';
import { photo, photoFolder } from '../support/photos.ts';
import { type Finished, millrace, millraceWithLimit } from '../support/processes.ts';
import { recordOf } from '../support/quarantine.ts';

const html = Buffer.from('<html>404 Not Found</html>');
const small = ['--batch-size', '4', '--image-size', '16', '--workers', '1'];
const substitute = ['--on-error', 'substitute', '--max-bad', '9'];

/** Photographs in train and val; one of train and one of val, of the same key, and another of train are bad. */
async function photosWithBadOnes(): Promise<string> {
  const files: Record<string, Uint8Array> = {};
  for (const name of ['cat', 'dog']) {
    for (let i = 0; i < 6; i++) files[`train/${name}/${i}.jpg`] = await photo(i, 32, 24);
    for (let i = 0; i < 3; i++) files[`val/${name}/${i}.jpg`] = await photo(40 + i, 32, 24);
  }
  const cut = (await photo(1)).subarray(0, 700);
  return folderOf({ ...files, 'train/cat/1.jpg': cut, 'train/dog/5.jpg': html, 'val/cat/1.jpg': html });
}

const train = (data: string, workspace: string, ...flags: string[]): Promise<Finished> =>
  millrace(['train', data, ...small, '--epochs', '2', '--workspace', workspace, ...flags]);
const model = ['--arch', 'efficientnet-nano', '--width', '0.25', '--depth', '0.25'];
const samplesOf = (path: string) =>
  readQuarantine(path)
    .map(({ key, split }) => `${split}: ${key}`)
    .toSorted();

describe('millrace train --on-error substitute', () => {
  it('lists the bad images of train and val in its workspace; evaluate, bench and a training leave them out', async () => {
    const data = await photosWithBadOnes();
    const workspace = folderOf();
    const first = await train(data, workspace, ...model, ...substitute);
    expect(first).toMatchObject({ code: 0 });
    const file = join(workspace, 'quarantine.jsonl');
    expect(first.stderr).toMatch(
      new RegExp(`train: 2 bad images, replaced by others \\d+x, listed in ${file}`),
    );
    expect(first.stderr).toMatch(new RegExp(`val: 1 bad image, replaced by others 1x, listed in ${file}`));
    expect(samplesOf(file)).toEqual(['train: cat/1.jpg', 'train: dog/5.jpg', 'val: cat/1.jpg']);

    const checkpoint = join(workspace, 'checkpoint.safetensors');
    const own = join(folderOf(), 'own.jsonl');
    const resumed = ['--epochs', '3', '--resume', workspace];
    const [listed, evaluated, benched, refused, clean] = await Promise.all([
      millrace(['evaluate', checkpoint, data, ...substitute, '-b', '2', '--quarantine', own]),
      millrace(['evaluate', checkpoint, join(data, 'val'), '-b', '2', '-j', '1', '--exclude', file]),
      millrace(['bench', data, ...small, '--seconds', '1', '--exclude', file]),
      train(data, workspace, ...model, ...substitute, ...resumed, '--exclude', file),
      train(data, folderOf(), ...model, '--exclude', file),
    ]);
    expect(listed).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`1 bad image, replaced by others`),
    });
    expect(samplesOf(own)).toEqual(['val: cat/1.jpg']);
    expect(evaluated).toMatchObject({ code: 0, stdout: expect.stringContaining('(5 images)') });
    expect(benched).toMatchObject({ code: 0, stderr: expect.stringContaining('10 samples, 2 classes') });
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toMatch(/dataset: was imageFolder\(.*\) of 12 images .* of 10 images/);
    expect(clean).toMatchObject({ code: 0 });
    for (const [left, of, split] of [
      ['2', '12', 'train'],
      ['1', '6', 'val'],
    ])
      expect(clean.stderr).toContain(
        `exclude (--exclude): ${left} of ${of} samples of imageFolder(${join(data, split as string)}) are left out\n`,
      );
  });

  it('goes on from a checkpoint with the same exclusion, or with the files deleted instead', async () => {
    const data = await photosWithBadOnes();
    const [workspace, list] = [folderOf(), join(folderOf(), 'a.jsonl')];
    const [one, other] = [
      recordOf('cat/1.jpg'),
      recordOf('dog/5.jpg'),
      recordOf('cat/1.jpg', { split: 'val' }),
    ];
    writeFileSync(
      list,
      `${JSON.stringify(one)}\n${JSON.stringify(recordOf('cat/1.jpg', { split: 'val' }))}\n`,
    );
    const second = join(folderOf(), 'b.jsonl');
    writeFileSync(second, `${JSON.stringify(other)}\n`);
    const begun = await train(
      data,
      workspace,
      ...model,
      '--exclude',
      `${list},${second}`,
      '--run-epochs',
      '1',
    );
    expect(begun).toMatchObject({ code: 0 });
    for (const key of ['train/cat/1.jpg', 'train/dog/5.jpg', 'val/cat/1.jpg']) rmSync(join(data, key));
    const resumed = await train(data, workspace, ...model, '--resume', workspace);
    expect(resumed).toMatchObject({ code: 0, stderr: expect.stringContaining('trained 2 steps') });
  });
});

it('a disk that is full ends the run with an error, and leaves the records that fitted', async () => {
  const data = await photoFolder(4, { 'cat/a.jpg': html, 'cat/b.jpg': html, 'dog/a.jpg': html });
  const file = join(folderOf(), 'quarantine.jsonl');
  const flags = [...small, ...substitute, '--quarantine', file, '--seconds', '1'];
  const { code, stderr } = await millraceWithLimit(1, ['bench', data, ...flags]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/cannot be written.*\[WRITE_FAILED\]\n$/),
  });
  expect(readFileSync(file)).toHaveLength(1024);
  expect(readQuarantine(file)).toHaveLength(2);
});

describe('--exclude', () => {
  const records = (...lines: ReturnType<typeof recordOf>[]) => {
    const path = join(folderOf(), 'q.jsonl');
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return path;
  };
  const none = (data: string, ...flags: string[]) => train(data, folderOf(), '--trainer', 'none', ...flags);

  it('says how many of its samples the data do not have, and takes no notice of those of the other split', async () => {
    const data = await photosWithBadOnes();
    const file = records(
      recordOf('cat/1.jpg'),
      recordOf('cat/77.jpg'),
      recordOf('dog/0.jpg', { split: 'val' }),
    );
    const { stderr } = await none(data, '--training-only', '--exclude', file, ...substitute);
    expect(stderr).toContain(
      `exclude (--exclude): 1 of 12 samples of imageFolder(${join(data, 'train')}) are left out; 1 that the files name are not in it; ` +
        'the records are of imageFolder(photos/train)\n',
    );
  });

  it('of a whole class, and of a file that is no quarantine, is one clear error', async () => {
    const data = await photosWithBadOnes();
    const cats = records(...[0, 1, 2, 3, 4, 5].map((i) => recordOf(`cat/${i}.jpg`)));
    const [emptied, wrong] = await Promise.all([
      none(data, '--exclude', cats),
      none(data, '--exclude', join(data, 'train/cat/0.jpg')),
    ]);
    expect(emptied).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/class cat .*\[EMPTY_CLASS\]\n$/),
    });
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('0.jpg:1: expected a quarantine record'),
    });
  });

  it('makes a store of what is left', async () => {
    const data = join(await photosWithBadOnes(), 'train');
    const path = join(folderOf(), 'a.lmdb');
    const { code, stdout } = await millrace([
      'import',
      data,
      path,
      '--exclude',
      records(recordOf('cat/1.jpg')),
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('11 samples') });
  });
});

describe('millrace quarantine', () => {
  it('tells how many samples are bad and why, and with --recheck which are still, until all are good', async () => {
    const data = await photosWithBadOnes();
    const file = join(folderOf(), 'quarantine.jsonl');
    await millrace(['bench', data, ...small, '--seconds', '1', ...substitute, '--quarantine', file]);
    const summary = await millrace(['quarantine', file]);
    expect(summary).toMatchObject({ code: 0, stderr: '' });
    expect(summary.stdout).toContain(
      `${file}: 2 bad samples\n       2  imageFolder(${join(data, 'train')}) (train)\n`,
    );
    expect(summary.stdout).toMatch(/ 1 {2}NOT_AN_IMAGE\n +dog\/5\.jpg: expected a JPEG/);
    const { causes } = JSON.parse((await millrace(['quarantine', file, '--json'])).stdout);
    expect(causes).toMatchObject([{ samples: 1 }, { samples: 1 }]);

    // what was found is said, although it cannot be written to a folder
    const still = await millrace(['quarantine', file, '--recheck', data, '--out', folderOf()]);
    expect(still).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be written') });
    expect(still.stdout).toMatch(/^BAD {5}(cat\/1\.jpg: jpeg: the file ends|dog\/5\.jpg: expected)/);
    expect(still.stdout).toContain(`${data}: 0 good, 2 bad, 0 untried, 0 gone\n`);

    copyFileSync(join(data, 'train/cat/0.jpg'), join(data, 'train/cat/1.jpg'));
    const left = join(folderOf(), 'left.jsonl');
    const mended = await millrace(['quarantine', file, '--recheck', data, '--out', left, '--quiet']);
    expect(mended).toMatchObject({ code: 1, stdout: expect.stringContaining('1 good, 1 bad') });
    expect(samplesOf(left)).toEqual(['train: dog/5.jpg']);

    rmSync(join(data, 'train/dog/5.jpg'));
    const well = await millrace(['quarantine', file, '--recheck', data, '--out', file]);
    expect(well).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 good, 0 bad, 0 untried, 1 gone'),
    });
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  it('does not call an image good that an operator had refused: operators are not run', async () => {
    const data = await photosWithBadOnes();
    const file = join(folderOf(), 'q.jsonl');
    writeFileSync(file, `${JSON.stringify(recordOf('cat/0.jpg', { operator: 'crop', code: 'OUTSIDE' }))}\n`);
    const { code, stdout } = await millrace(['quarantine', file, '--recheck', data]);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: expect.stringMatching(/^UNTRIED cat\/0\.jpg: .*crop/),
    });
  });

  it('asks whether the data are the right ones where none of the samples is in them', async () => {
    const file = join(folderOf(), 'q.jsonl');
    writeFileSync(file, `${JSON.stringify(recordOf('bird/0.jpg'))}\n`);
    const { code, stdout, stderr } = await millrace(['quarantine', file, '--recheck', await photoFolder(1)]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('1 gone') });
    expect(stderr).toContain('do they come from these data?');
  });

  it('refuses what is no quarantine file, one that is missing, a folder, and --out alone', async () => {
    const runs = await Promise.all([
      millrace(['quarantine', 'package.json']),
      millrace(['quarantine', 'nowhere.jsonl']),
      millrace(['quarantine', 'nowhere.jsonl', '--out', 'a.jsonl']),
      millrace(['quarantine', 'docs']),
    ]);
    expect(runs.map(({ code }) => code)).toEqual([1, 1, 2, 1]);
    expect(runs[3]?.stderr).toContain(
      'docs: is a folder; name a quarantine file, such as docs/quarantine.jsonl',
    );
    expect(runs[0]?.stderr).toContain('package.json:1: expected a quarantine record');
    expect(existsSync('a.jsonl')).toBe(false);
  });
});
