import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findImages } from '../../../src/datasets/folder/find-images.ts';
import { folderOf } from '../../support/folders.ts';

const files = [
  'b.jpg',
  'a1.jpg',
  'a-2.png',
  'c.txt',
  '.d.jpg',
  'x/e.jpg',
  'x/y/f.JPG',
  'z/g.webp',
  '[1].jpg',
];
/** What is found in a folder with these files and a link back to it. */
function found(...names: string[]): string[] {
  const folder = folderOf(Object.fromEntries(files.map((name) => [name, ''])));
  symlinkSync(folder, join(folder, 'x', 'back'));
  return findImages(names.map((name) => `${folder}${name}`)).map((path) => path.slice(folder.length + 1));
}

describe('findImages', () => {
  it('takes all images of a folder and its sub-folders once, hidden ones left out', () => {
    const all = ['[1].jpg', 'a-2.png', 'a1.jpg', 'b.jpg', 'x/e.jpg', 'x/y/f.JPG', 'z/g.webp'];
    expect(found('')).toEqual(all);
    expect(found('/')).toEqual(all);
    expect(found('/x/')).toEqual(['x/e.jpg', 'x/y/f.JPG']);
  });

  it.each([
    ['*.jpg', ['[1].jpg', 'a1.jpg', 'b.jpg']],
    ['?.jpg', ['b.jpg']],
    ['a-?.png', ['a-2.png']],
    ['a[0-9].jpg', ['a1.jpg']],
    ['[!a]*', ['[1].jpg', 'b.jpg']],
    ['a*.{jpg,png}', ['a-2.png', 'a1.jpg']],
    ['*/*', ['x/e.jpg', 'z/g.webp']],
    ['{x,z}/?.*', ['x/e.jpg', 'z/g.webp']],
    ['**/?.*', ['b.jpg', 'x/e.jpg', 'x/y/f.JPG', 'z/g.webp']],
    ['**/y/*', ['x/y/f.JPG']],
  ])('expands %s as a shell does', (pattern, expected) => {
    expect(found(`/${pattern}`)).toEqual(expected);
  });

  it('takes a file that is named like a pattern for itself, and keeps the order of what is given', () => {
    expect(found('/[1].jpg')).toEqual(['[1].jpg']);
    expect(found('/z', '/gone.jpg', '/c.txt', '/x/e.*')).toEqual([
      'z/g.webp',
      'gone.jpg',
      'c.txt',
      'x/e.jpg',
    ]);
  });

  it.each(['*.gif', 'nowhere/*.jpg', '**/none', '[z-a].jpg', 'a['])(
    'says that nothing matches %s',
    (pattern) => {
      expect(() => found(`/${pattern}`)).toThrow(`/${pattern}: no image matches`);
    },
  );
});
