import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openData } from '../../../src/streams/open-data.ts';
import type { SelectionOptions } from '../../../src/streams/selection.ts';
import { openTrainingData } from '../../../src/training/training-data.ts';
import { folderOf } from '../../support/folders.ts';
import { keysOf, labelled } from '../../support/labelled.ts';

const data = labelled(12, (index) => index % 3, ['cat', 'dog', 'cow']);

describe('what is selected of data', () => {
  const opened = async (options: SelectionOptions) => {
    const told: string[] = [];
    const dataset = await openData(data, options, (line) => told.push(line));
    return { keys: keysOf(dataset), classes: dataset.classes, told: told.join('\n') };
  };

  it('are the samples of a list, of some classes, and of all folds but one', async () => {
    const list = join(folderOf({ 'list.txt': '2/5\r\n0/0\n\n0/3\n1/1\n' }), 'list.txt');
    expect(await opened({ subset: list, onlyClasses: ['cow', 'cat'] })).toEqual({
      keys: ['0/0', '0/3', '2/5'],
      classes: ['cow', 'cat'],
      told:
        `subset (--subset): 4 of 12 samples are in ${list}\n` +
        'onlyClasses (--only-classes): 3 of 4 samples are of cow, cat',
    });
    const parts = await openTrainingData({ data, fold: '2/4' }, () => {});
    expect(await opened({ fold: '2/4' })).toMatchObject({
      keys: keysOf(parts.dataset),
      told: 'fold 2/4 (--fold): 3 of 12 images are for val, the others are trained on',
    });
    expect([...keysOf(parts.dataset), ...keysOf(parts.valPart ?? data)].toSorted()).toEqual(
      keysOf(data).toSorted(),
    );
  });

  it('are the same of a list with a byte order mark, as Windows writes it', async () => {
    const list = join(folderOf({ 'list.txt': '\ufeff0/0\r\n2/5' }), 'list.txt');
    expect((await opened({ subset: list })).keys).toEqual(['0/0', '2/5']);
  });

  it('is named where it cannot be', async () => {
    for (const fold of ['2', '0/5', '6/5', '2/5/1', '1.5/2'])
      await expect(opened({ fold })).rejects.toThrow(`fold (--fold) must be such as '2/5', got '${fold}'`);
    await expect(opened({ fold: '1/1' })).rejects.toThrow('k must be an integer 2..12, got 1');
    await expect(opened({ subset: '/none.txt' })).rejects.toThrow(
      'subset (--subset): /none.txt: no such file',
    );
    const files = folderOf({ 'empty.txt': '\n', 'twice.txt': '0/0\n0/0\n', 'other.txt': '0/0 \n' });
    for (const [name, reason] of Object.entries({
      'empty.txt': 'the list of samples is empty',
      'twice.txt': '0/0 is listed twice',
      'other.txt': "no sample has the key '0/0 ' (keys look like '0/0')",
    }))
      await expect(opened({ subset: join(files, name) })).rejects.toThrow(
        `subset (--subset): ${join(files, name)}: labelled(12): subset: ${reason}`,
      );
    await expect(opened({ onlyClasses: ['fox'] })).rejects.toThrow('no class is called fox');
  });
});
