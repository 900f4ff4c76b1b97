import { execFileSync } from 'node:child_process';
import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeWhole } from '../../../src/core/write-whole.ts';
import { folderOf } from '../../support/folders.ts';

const page = { what: 'the page' };

describe('writeWhole', () => {
  it('replaces a file, and leaves nothing beside it', async () => {
    const path = join(folderOf(), 'page.html');
    await writeWhole(path, 'old', page);
    await writeWhole(path, 'new', page);
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(join(path, '..'))).toEqual(['page.html']);
  });

  it.runIf(process.platform !== 'win32')(
    'writes to a pipe or a device, and does not replace it',
    async () => {
      const path = join(folderOf(), 'pipe');
      execFileSync('mkfifo', [path]);
      // to read and write: opened by neither, it would wait for the other
      const pipe = openSync(path, 'r+');
      await writeWhole(path, 'page', page);
      expect(statSync(path).isFIFO()).toBe(true);
      const bytes = Buffer.alloc(9);
      expect(bytes.toString('utf8', 0, readSync(pipe, bytes))).toBe('page');
      closeSync(pipe);
    },
  );

  it.runIf(process.platform !== 'win32')('writes to what a link names', async () => {
    const folder = folderOf({ 'page.html': 'old' });
    symlinkSync('page.html', join(folder, 'link'));
    await writeWhole(join(folder, 'link'), 'new', page);
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'page.html'), 'utf8')).toBe('new');
  });

  it('says what is wrong with a folder', async () => {
    const path = join(folderOf(), 'folder');
    mkdirSync(path);
    await expect(writeWhole(path, 'page', page)).rejects.toThrow(
      /folder: the page cannot be written: EISDIR/,
    );
  });
});
