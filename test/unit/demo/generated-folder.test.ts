import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { generateFolder } from '../../../src/demo/generated-folder.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'millrace-folder-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (text: string) => async (folder: string) => writeFileSync(join(folder, 'a.txt'), text);
const read = (folder: string): string => readFileSync(join(folder, 'a.txt'), 'utf8');

it('makes a folder once and keeps it while the recipe stays the same', async () => {
  const folder = join(root, 'new', 'set');
  expect(await generateFolder(folder, { count: 1 }, write('first'))).toBe('made');
  expect(await generateFolder(folder, { count: 1 }, write('second'))).toBe('kept');
  expect(read(folder)).toBe('first');
});

it('refuses to replace a folder of another recipe', async () => {
  const folder = join(root, 'set');
  await generateFolder(folder, { count: 1 }, write('first'));
  await expect(generateFolder(folder, { count: 2 }, write('second'))).rejects.toThrow(/another recipe.json/);
  expect(read(folder)).toBe('first');
});

it('refuses to write into a folder that holds other files', async () => {
  writeFileSync(join(root, 'mine.txt'), 'precious');
  await expect(generateFolder(root, {}, write('x'))).rejects.toThrow(/holds other files/);
  expect(readdirSync(root)).toEqual(['mine.txt']);
});

it('fills a folder that is there but empty', async () => {
  const folder = join(root, 'empty');
  mkdirSync(folder);
  expect(await generateFolder(folder, {}, write('x'))).toBe('made');
  expect(read(folder)).toBe('x');
});

it('leaves nothing behind when filling fails', async () => {
  const fill = async (folder: string): Promise<void> => {
    writeFileSync(join(folder, 'a.txt'), 'half');
    throw new Error('disk full');
  };
  await expect(generateFolder(join(root, 'set'), {}, fill)).rejects.toThrow('disk full');
  expect(readdirSync(root)).toEqual([]);
});
