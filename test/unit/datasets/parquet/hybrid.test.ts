import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unpackHybrid } from '../../../../src/datasets/parquet/hybrid.ts';

/** A run of one value, or packed values: eight, or a multiple of it. */
type Run = { readonly value: number; readonly length: number } | readonly number[];

/** By the specification of Parquet's encoding RLE, bit by bit. */
function pack(runs: readonly Run[], width: number): Buffer {
  const parts = runs.flatMap((run) => {
    if ('value' in run) return [varint(run.length * 2), bits([run.value], Math.ceil(width / 8) * 8)];
    return [varint((run.length / 8) * 2 + 1), bits(run, width)];
  });
  return Buffer.concat(parts);
}

const varint = (value: number): Buffer =>
  value < 128 ? Buffer.of(value) : Buffer.concat([Buffer.of((value % 128) + 128), varint(value >>> 7)]);

function bits(values: readonly number[], width: number): Buffer {
  const text = values.map((value) => [...value.toString(2).padStart(width, '0')].reverse().join('')).join('');
  const bytes = text.match(/.{1,8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt([...byte].reverse().join(''), 2)));
}

const cases = fc.integer({ min: 1, max: 32 }).chain((width) => {
  const value = fc.integer({ min: 0, max: 2 ** width - 1 });
  const run = fc.record({ value, length: fc.integer({ min: 1, max: 300 }) });
  const packed = fc.integer({ min: 1, max: 20 }).chain((groups) => {
    const length = groups * 8;
    return fc.array(value, { minLength: length, maxLength: length });
  });
  return fc.record({ width: fc.constant(width), runs: fc.array(fc.oneof(run, packed), { maxLength: 6 }) });
});

const valuesOf = (runs: readonly Run[]): number[] =>
  runs.flatMap((run) => ('value' in run ? Array.from({ length: run.length }, () => run.value) : [...run]));

describe('the hybrid of run lengths and packed bits', () => {
  it('gives the values of all widths, also where fewer are asked for than are packed', () => {
    fc.assert(
      fc.property(cases, fc.nat(7), ({ width, runs }, fewer) => {
        const values = valuesOf(runs);
        const count = Math.max(0, values.length - fewer);
        const bytes = Buffer.concat([Buffer.of(9), pack(runs, width)]);
        expect([...unpackHybrid(bytes, 1, width, count)]).toEqual(values.slice(0, count));
      }),
      { numRuns: 60 },
    );
  });

  it('gives fewer values where the bytes end before them, and right ones', () => {
    fc.assert(
      fc.property(cases, fc.nat(40), ({ width, runs }, cut) => {
        const bytes = pack(runs, width);
        const values = valuesOf(runs);
        const got = unpackHybrid(bytes.subarray(0, -1 - cut), 0, width, values.length);
        expect([...got]).toEqual(values.slice(0, got.length));
        if (values.length > 0) expect(got.length).toBeLessThan(values.length);
      }),
      { numRuns: 60 },
    );
  });

  it('reads zeros of no bits from a run without bytes', () => {
    expect([...unpackHybrid(Buffer.of(6), 0, 0, 3)]).toEqual([0, 0, 0]);
  });

  it('does not run on where the length of a run does not end', () => {
    expect(unpackHybrid(Buffer.alloc(100, 255), 0, 3, 10)).toHaveLength(0);
  });
});
