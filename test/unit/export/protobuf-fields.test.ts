import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float, integer, join, message, text } from '../../../src/export/protobuf.ts';
import { fieldsOf } from '../../../src/export/protobuf-fields.ts';

const read = (bytes: Uint8Array | readonly number[]) => [...fieldsOf(Uint8Array.from(bytes))];

describe('fieldsOf', () => {
  it('gives what was written, in order', () => {
    const written = join([...integer(1, 300), ...text(2, 'é'), ...float(3, 1.5), ...integer(2000, 2 ** 40)]);
    expect(read(written)).toEqual([
      { number: 1, value: 300 },
      { number: 2, value: new TextEncoder().encode('é') },
      { number: 3, value: undefined },
      { number: 2000, value: 2 ** 40 },
    ]);
    expect(read([])).toEqual([]);
  });

  it('passes over numbers of 8 bytes, and takes integers of 10 bytes, as negative ones are', () => {
    expect(read([0x09, ...new Array(8).fill(7), 0x10, 1])).toEqual([
      { number: 1, value: undefined },
      { number: 2, value: 1 },
    ]);
    expect(read([0x08, ...new Array(9).fill(255), 1])).toEqual([{ number: 1, value: 2 ** 64 }]);
  });

  it.each([
    ['an integer that ends too early', [0x08, 0x80]],
    ['an integer without an end', [0x08, ...new Array(20).fill(0x80)]],
    ['bytes that end too early', [0x0a, 5, 1, 2]],
    ['a length beyond all memory', [0x0a, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0]],
    ['a number that ends too early', [0x0d, 1, 2]],
    ['a group', [0x0b]],
    ['a kind that does not exist', [0x0f]],
    ['field 0', [0x00, 0x00]],
    ['a field beyond the last number', [0x80, 0x80, 0x80, 0x80, 0x10, 0]],
  ])('refuses %s', (_, bytes) => {
    expect(() => read(bytes)).toThrow(RangeError);
  });

  it('gives fields or a RangeError for any bytes, and no more fields than bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          expect(read(bytes).length).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads a message within a message', () => {
    const [field] = read(join(message(14, text(1, 'key'), text(2, 'value'))));
    expect(
      read(field?.value as Uint8Array).map(({ value }) => String.fromCharCode(...(value as Uint8Array))),
    ).toEqual(['key', 'value']);
  });
});
