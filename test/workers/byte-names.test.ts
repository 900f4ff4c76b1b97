import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { excluding, imageFolder, readQuarantine, store } from '../../src/index.ts';
import { folderOf, latinFolderOf } from '../support/folders.ts';
import { photo } from '../support/photos.ts';
import { millrace } from '../support/processes.ts';
import { importTo } from '../support/stores.ts';

const small = ['--batch-size', '2', '--image-size', '16', '--workers', '1'];

// other systems refuse such names
describe.runIf(process.platform === 'linux')('images whose names are no UTF-8', () => {
  const make = async () =>
    latinFolderOf({
      'caf\xe9/\xe8.jpg': await photo(1),
      'caf\xe9/\xe9.jpg': Buffer.from('<html>'),
      'caf\xe9/1.jpg': await photo(2),
      'dog/\xff.jpg': await photo(3),
      'dog/\\xff.jpg': await photo(4),
    });
  const bad = 'caf\\xe9/\\xe9.jpg';

  it('are trained on, quarantined, left out, tried again and replayed', async () => {
    const data = await make();
    const workspace = folderOf();
    const common = ['--trainer', 'none', '--epochs', '1', ...small];
    const trained = await millrace([
      ...['train', data, ...common, '--workspace', workspace],
      ...['--on-error', 'substitute', '--max-bad', '9'],
    ]);
    expect(trained).toMatchObject({ code: 0 });
    const file = join(workspace, 'quarantine.jsonl');
    expect(readQuarantine(file)).toMatchObject([{ key: bad, path: join(data, bad) }]);
    const [left, checked, replayed] = await Promise.all([
      millrace(['train', data, ...common, '--workspace', folderOf(), '--exclude', file]),
      millrace(['quarantine', file, '--recheck', data]),
      millrace(['replay', data, ...small, '--exclude', file, '--json', '--out', join(folderOf(), 'a.html')]),
    ]);
    expect(left).toMatchObject({ code: 0, stderr: expect.stringContaining('1 of 5 samples') });
    expect(checked).toMatchObject({ code: 1, stdout: expect.stringMatching(/^BAD .*caf\\xe9\/\\xe9\.jpg/m) });
    expect(replayed).toMatchObject({ code: 0 });
  });

  it('are classified by the names that the shell hands over', async () => {
    const data = await make();
    const weights = 'test/golden/checkpoint-of-millrace.safetensors';
    // the shell finds them, and Node gets what is no UTF-8 as U+FFFD
    const path = join(data, 'caf\ufffd/\ufffd.jpg');
    const plain = join(data, 'caf\ufffd/1.jpg');
    const { code, stdout } = await millrace(['classify', plain, '--weights', weights, '--json', '--quiet']);
    expect({ code, image: JSON.parse(stdout).image }).toEqual({
      code: 0,
      image: join(data, 'caf\\xe9/1.jpg'),
    });
    expect(await millrace(['classify', path, '--weights', weights])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('AMBIGUOUS_NAME'),
    });
  });

  it('keep their keys in a store', async () => {
    const data = excluding(imageFolder(await make()), [bad]);
    const path = join(folderOf(), 'a.lmdb');
    await importTo(data, path);
    const stored = store(path);
    const keysOf = (dataset: typeof stored) => [0, 1, 2, 3].map((index) => dataset.key(index));
    expect(keysOf(stored)).toEqual([
      'caf\\xe9/1.jpg',
      'caf\\xe9/\\xe8.jpg',
      'dog/\\x5cxff.jpg',
      'dog/\\xff.jpg',
    ]);
    expect(stored.classes).toEqual(['caf\\xe9', 'dog']);
  });
});
