import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileWindow } from '../../../src/datasets/pieces/file-window.ts';
import { folderOf } from '../../support/folders.ts';

it('a window has no bytes behind the end of its file, wherever it was before', () => {
  const content = Uint8Array.from({ length: 10_000 }, (_, at) => at);
  const file = new FileWindow(join(folderOf({ x: content }), 'x'));
  for (const before of [0, 5000, 9990, 10_000, 10_100, 20_000])
    for (const position of [9990, 10_000, 10_100, 20_000]) {
      file.view(before, 16);
      expect([...file.view(position, 16)], `${before}, ${position}`).toEqual([
        ...content.subarray(position, position + 16),
      ]);
    }
  file.close();
});
