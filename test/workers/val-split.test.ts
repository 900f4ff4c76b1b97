import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Confusion } from '../../src/workspace/confusion.ts';
import { folderOf } from '../support/folders.ts';
import { photo } from '../support/photos.ts';
import { millrace } from '../support/processes.ts';

const small = ['--batch-size', '2', '--image-size', '16', '--workers', '1'];
const tiny = [...small, '--epochs', '1', '--arch', 'efficientnet-nano', '--width', '0.25', '--depth', '0.25'];
const without = [...small, '--epochs', '1', '--trainer', 'none'];

/** Photographs at these paths. */
async function photosAt(...paths: string[]): Promise<string> {
  const photos = await Promise.all(paths.map((_, i) => photo(i, 32, 24)));
  return folderOf(Object.fromEntries(paths.map((path, i) => [path, photos[i] as Buffer])));
}
const classes = (folder: string, ...names: string[]) =>
  names.flatMap((name) => [0, 1, 2, 3].map((i) => `${folder}${name}/${i}.jpg`));

describe('millrace train', () => {
  it('evaluates on a part that it cuts out, as evaluate and replay find it again', async () => {
    const data = await photosAt(...classes('', 'cat', 'dog'));
    const workspace = folderOf();
    const trained = await millrace(['train', data, ...tiny, '--val-split', '0.25', '--workspace', workspace]);
    expect(trained).toMatchObject({ code: 0 });
    const [, count] =
      /valShare 0\.25 \(--val-split\): (\d) of 8 images are for val/.exec(trained.stderr) ?? [];
    expect(trained.stderr).toContain('| val top-1 ');
    expect(trained.stderr).toContain(`${8 - Number(count)} images, 2 classes`);
    const checkpoint = join(workspace, 'checkpoint.safetensors');
    const [evaluated, onAll, replayed, resumed] = await Promise.all([
      millrace(['evaluate', checkpoint, data, '-b', '2', '-j', '1', '--val-split', '0.25']),
      millrace(['evaluate', checkpoint, data, '-b', '2', '-j', '1']),
      millrace(['replay', '--from', workspace, '--out', join(folderOf(), 'a.html')]),
      millrace(['train', data, ...tiny, '--val-split', '0.5', '--resume', workspace]),
    ]);
    expect(evaluated).toMatchObject({ code: 0, stdout: expect.stringContaining(`(${count} images)`) });
    expect(evaluated.stderr).not.toContain('was trained on');
    const advice =
      'most of it was trained on: valShare 0.25 (--val-split) evaluates on the part that was not';
    expect(onAll).toMatchObject({ code: 0, stderr: expect.stringContaining(`${data}: ${advice}\n`) });
    expect(replayed).toMatchObject({ code: 0, stderr: expect.not.stringContaining('differ') });
    expect(resumed).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('val-split: was 0.25, is 0.5'),
    });
  });

  it('takes data that are named outright, whose val lacks a class', async () => {
    const data = await photosAt(
      ...classes('a/', 'bird', 'cat', 'dog'),
      ...classes('b/', 'dog'),
      ...classes('c/', 'fox'),
    );
    const [a, b, c] = ['a', 'b', 'c'].map((name) => join(data, name)) as [string, string, string];
    const [page, workspace] = [join(folderOf(), 'a.html'), folderOf()];
    const [trained, others, twice, none, replayed] = await Promise.all([
      millrace(['train', '--train-data', a, '--val-data', b, ...tiny, '--workspace', workspace]),
      millrace(['train', a, '--val-data', c, ...without, '--workspace', folderOf()]),
      millrace(['train', a, '--train-data', b, ...without]),
      millrace(['train', '--val-data', b, ...without]),
      millrace(['replay', '--train-data', a, '--val-data', b, ...tiny, '--out', page]),
    ]);
    expect(trained).toMatchObject({ code: 0, stderr: expect.stringContaining('has no images of bird, cat') });
    const { classes: known, cells } = JSON.parse(
      readFileSync(join(workspace, 'confusion.json'), 'utf8'),
    ) as Confusion;
    // as the training data number them
    expect(known[2]).toBe('dog');
    expect(new Set(cells.map(({ label }) => label))).toEqual(new Set([2]));
    expect(others).toMatchObject({ code: 1, stderr: expect.stringContaining('unknown to the model: fox') });
    expect(twice).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--train-data: the training data are named'),
    });
    expect(replayed).toMatchObject({ code: 0 });
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("missing required argument 'data'"),
    });
  });

  it('says what it takes for train and val, and how to get a val where there is none', async () => {
    const divided = await photosAt(...classes('Training/', 'cat'), ...classes('VALID/', 'cat'), 'test/1.jpg');
    const plain = await photosAt(...classes('', 'cat', 'dog'));
    const [onDivided, onPlain, onVal] = await Promise.all([
      millrace(['train', divided, ...without, '--workspace', folderOf()]),
      millrace(['train', plain, ...without, '--workspace', folderOf()]),
      millrace(['train', await photosAt(...classes('val/', 'cat')), ...without, '--workspace', folderOf()]),
    ]);
    expect(onDivided.stderr).toContain(`${divided}: train from Training, val from VALID; not used: test\n`);
    const advice =
      'name data by evaluation.data (--val-data), or cut a part out of these by valShare 0.1 (--val-split)';
    expect(onPlain.stderr).toContain(`${plain} has no val split (${advice}): not evaluated\n`);
    expect(onVal).toMatchObject({ code: 1, stderr: expect.stringContaining('has no train folder') });
  });
});
