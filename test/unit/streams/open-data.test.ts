import { describe, expect, it } from 'vitest';
import { type OpenDataOptions, openData } from '../../../src/streams/open-data.ts';
import { folderOf } from '../../support/folders.ts';

/** What is told when the data at a path are opened. */
function toldOf(path: string, options: OpenDataOptions = {}): string[] {
  const told: string[] = [];
  openData(path, options, (message) => told.push(message.replaceAll(path, 'photos')));
  return told;
}

describe('openData', () => {
  it('tells what is passed over, and nothing where all is as it should be', () => {
    const path = folderOf({ 'cat/1.jpg': '', 'cat/1.txt': '', 'cat/2.heic': '', 'cat/3.txt': '' });
    expect(toldOf(path)).toEqual(['imageFolder(photos): passed over 2 .txt, 1 .heic']);
    expect(toldOf(folderOf({ 'cat/1.jpg': '' }))).toEqual([]);
  });
});
