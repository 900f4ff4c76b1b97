import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { imageFolder } from '../../../src/datasets/folder/image-folder.ts';
import { compareDatasets } from '../../../src/verify/compare-datasets.ts';
import { folderOf } from '../../support/folders.ts';

it('names the first sample that is another, where one cannot be read any more', async () => {
  const files = { 'cat/0.jpg': 'five.', 'cat/1.jpg': 'five.' };
  const roots = [folderOf(files), folderOf(files)] as const;
  const [expected, actual] = [imageFolder(roots[0]), imageFolder(roots[1])];
  expect(await compareDatasets(expected, actual)).toBeUndefined();
  rmSync(join(roots[1], 'cat/1.jpg'));
  expect(await compareDatasets(expected, actual)).toMatchObject({
    stage: 'dataset',
    detail: 'another dataset: cat/1.jpg (label 0, unreadable) instead of cat/1.jpg (label 0, 5 bytes)',
  });
});
