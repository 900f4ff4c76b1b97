import { describe, expect, it } from 'vitest';
import { NumberColumn } from '../../../../src/datasets/columns/number-column.ts';
import { NumberLists } from '../../../../src/datasets/columns/number-lists.ts';
import { TextColumn } from '../../../../src/datasets/columns/text-column.ts';
import { decodeIndex, encodeIndex } from '../../../../src/datasets/parquet/index-file.ts';
import { ImageColumns, type RowIndex } from '../../../../src/datasets/parquet/row-index.ts';

const ROWS = 10_001;
const file = { size: 7, changed: 'today', footerCrc: 1, imageColumn: undefined, labelColumn: 'é' };

const nameAt = (row: number) =>
  row === 77 ? 'x'.repeat(5000) : `${row % 7}/${'é'.repeat(row % 90)}-${row}.jpg`;
const listAt = (row: number) => Array.from({ length: row % 3 }, (_, i) => row + i);
const offsetAt = (row: number) => row * 2 ** 30;

function indexOfRows(isWhole: boolean): RowIndex {
  const [images, names, lists] = [new ImageColumns(), new TextColumn(), new NumberLists()];
  const label = new NumberColumn();
  for (let row = 0; row < ROWS; row++) {
    images.push({
      offset: offsetAt(row),
      stored: 9,
      unpacking: 'none',
      pageSize: 0,
      position: 0,
      length: 9,
      crc: row,
    });
    names.push(nameAt(row));
    lists.push(listAt(row));
    label.push((row % 5) - 1);
  }
  const all = { ...images, label };
  for (const column of [...Object.values(all), names, lists]) column.finish();
  const optional = isWhole ? { lists, names } : { names: undefined };
  return { ...all, length: ROWS, kind: 'named', classes: ['a'], ...optional };
}

describe('an index file', () => {
  it.each([true, false])(
    'gives back columns of more rows than a chunk has, with names and lists: %s',
    (isWhole) => {
      const bytes = Buffer.concat([...encodeIndex(file, indexOfRows(isWhole))]);
      const { offset, crc, label, unpacking, lists, names, ...others } = decodeIndex(bytes, file) as RowIndex;
      expect(others).toMatchObject({ length: ROWS, kind: 'named', classes: ['a'] });
      expect([offset.length, names?.length, label.length]).toEqual([ROWS, isWhole ? ROWS : undefined, ROWS]);
      for (let row = 0; row < ROWS; row++) {
        const found = [
          offset.at(row),
          crc.at(row),
          label.at(row),
          unpacking.at(row),
          names?.at(row),
          lists?.at(row),
        ];
        const optional = isWhole ? [nameAt(row), listAt(row)] : [undefined, undefined];
        expect(found).toEqual([offsetAt(row), row, (row % 5) - 1, 0, ...optional]);
      }
      expect(decodeIndex(bytes, { ...file, size: 8 })).toBeUndefined();
    },
  );
});
