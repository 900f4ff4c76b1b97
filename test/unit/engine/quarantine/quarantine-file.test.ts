import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuarantineFile } from '../../../../src/engine/quarantine/quarantine-file.ts';
import { readQuarantine } from '../../../../src/engine/quarantine/read-quarantine.ts';
import { type QuarantineRecord, sampleOf } from '../../../../src/engine/quarantine/record.ts';
import { folderOf } from '../../../support/folders.ts';
import { recordOf } from '../../../support/quarantine.ts';

const newPath = () => join(folderOf(), 'quarantine.jsonl');

function write(path: string, records: readonly QuarantineRecord[]): void {
  const file = new QuarantineFile(path);
  for (const record of records) file.write(record);
  file.close();
}

const records = [
  recordOf('cat/1.jpg'),
  recordOf('cat/ünï\n".jpg', { firstBytes: null, offset: 512, record: 7, operator: 'crop' }),
  recordOf('cat/1.jpg', { split: 'val' }),
];

describe('a quarantine file', () => {
  it('is made when the first record comes, and holds each as soon as it is written', () => {
    const path = newPath();
    const file = new QuarantineFile(path);
    expect(existsSync(path)).toBe(false);
    for (const [i, record] of records.entries()) {
      file.write(record);
      expect(readQuarantine(path)).toEqual(records.slice(0, i + 1));
    }
    file.close();
  });

  it('has a sample once for each way in which it failed, however many runs add to it', () => {
    const path = newPath();
    const otherwise = recordOf('cat/1.jpg', { code: 'EMPTY_FILE' });
    write(path, records);
    write(path, [...records, otherwise]);
    write(path, [otherwise, recordOf('cat/1.jpg', { time: 'later', epoch: 8 })]);
    expect(readQuarantine(path)).toEqual([...records, otherwise]);
  });

  it('is whole again after a writer was killed, wherever its last line was cut', () => {
    const whole = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    const lastLine = whole.lastIndexOf('\n', whole.length - 2) + 1;
    const path = newPath();
    // with all of its bytes and no end of line, the last record is there
    for (let length = lastLine; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      expect(readQuarantine(path)).toEqual(length < whole.length - 1 ? records.slice(0, 2) : records);
      write(path, records);
      expect(readFileSync(path)).toEqual(whole);
    }
  });

  it.each([
    ['no JSON', 'oops', 'got a line that is not a JSON object'],
    ['JSON of another kind', '7', 'got a line that is not a JSON object'],
    ['no key', '{"path":"a.jpg"}', "'key' must be a string, got undefined"],
    [
      'a number for a word',
      JSON.stringify({ ...recordOf('a'), code: 7 }),
      "'code' must be a string, got number",
    ],
  ])('names file and line of %s', (_, line, reason) => {
    const path = newPath();
    write(path, records);
    appendFileSync(path, `${line}\n${JSON.stringify(recordOf('cat/2.jpg'))}\n`);
    const error = expect.objectContaining({
      ...{ name: 'DataError', code: 'NOT_QUARANTINE' },
      message: `${path}:4: expected a quarantine record (docs/bad-data.md): ${reason}`,
    });
    expect(() => readQuarantine(path)).toThrow(error);
    expect(() => new QuarantineFile(path)).toThrow(error);
  });

  it('that is missing is named', () => {
    expect(() => readQuarantine('nowhere.jsonl')).toThrow('nowhere.jsonl: no such quarantine file');
  });

  it('of another kind is refused before anything is written, and stays as it is', () => {
    const path = newPath();
    const content = fc.oneof(fc.string({ minLength: 1 }), fc.constant('{"key') /* too short to tell */);
    const refuses = (text: string) => {
      if (text.trim() === '' || '{"key":'.startsWith(text)) return;
      writeFileSync(path, text);
      expect(() => new QuarantineFile(path)).toThrow(/NOT_QUARANTINE|expected a quarantine record/);
      expect(readFileSync(path, 'utf8')).toBe(text);
    };
    fc.assert(fc.property(content, refuses));
    refuses('\xff\xd8\xff\xe0 not text');
  });

  it('that cannot be written is an error when the run begins', () => {
    const root = folderOf({ file: '' });
    mkdirSync(join(root, 'folder'));
    for (const name of ['missing/q.jsonl', 'file/q.jsonl', 'folder'])
      expect(() => new QuarantineFile(join(root, name))).toThrow(
        expect.objectContaining({
          ...{ name: 'OutputError', code: 'WRITE_FAILED' },
          message: expect.stringContaining(`${join(root, name)}: the quarantine file cannot be written: `),
        }),
      );
  });
});

it('a sample is told by its key and its split, whatever characters they have', () => {
  const part = fc.record({ key: fc.string(), split: fc.option(fc.string(), { nil: undefined }) });
  const differ = (a: { key: string; split: string | undefined }, b: typeof a) => {
    const same = a.key === b.key && a.split === b.split;
    const nameOf = ({ key, split }: typeof a) => sampleOf({ key, ...(split !== undefined && { split }) });
    expect(nameOf(a) === nameOf(b)).toBe(same);
  };
  fc.assert(fc.property(part, part, differ));
});
