import { serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  corners,
  joinedMixing,
  makeMixing,
  mixingOf,
  mixingOfRows,
  mixOf,
  type RowMix,
} from '../../../src/core/mixing.ts';
import { softTargets } from '../../../src/trainers/recipe/batch-input.ts';
import { coded } from '../../support/errors.ts';
import { makeBatch } from '../../support/trainers.ts';

const CLASSES = 5;

const anyBox = fc.record({
  ...{ left: fc.nat(40), top: fc.nat(40) },
  ...{ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }) },
});
const anyMix = fc.record(
  { lambda: fc.double({ min: 0, max: 1, noNaN: true }), box: anyBox },
  { requiredKeys: ['lambda'] },
);
/** Each row's label and mix; a last row without a partner has none. */
const anyRows = fc
  .array(fc.tuple(fc.nat(CLASSES - 1), fc.option(anyMix, { nil: undefined })), {
    minLength: 1,
    maxLength: 13,
  })
  .map((rows) => ({
    labels: Int32Array.from(rows, ([label]) => label),
    mixes: rows.map(([, mix], row): RowMix | undefined => ((row ^ 1) < rows.length ? mix : undefined)),
  }));

const mixedAlike = (...lambdas: readonly (number | undefined)[]) =>
  mixingOf(
    new Int32Array(lambdas.length),
    lambdas.map((lambda) => (lambda === undefined ? undefined : { lambda })),
  );

describe('the mixing of a batch', () => {
  it('gives each row back as it was mixed', () =>
    fc.assert(
      fc.property(anyRows, ({ labels, mixes }) => {
        const mixing = mixingOf(labels, mixes);
        expect(mixes.map((_, row) => mixOf(mixing, row))).toEqual(mixes);
      }),
    ));

  it('has row XOR 1 and its label where a row is mixed, else the row itself with all of the weight', () =>
    fc.assert(
      fc.property(anyRows, ({ labels, mixes }) => {
        const { partnerRows, partnerLabels, weights } = mixingOf(labels, mixes);
        for (const [row, mix] of mixes.entries()) {
          expect(partnerRows[row]).toBe(mix === undefined ? row : row ^ 1);
          expect(partnerLabels[row]).toBe(labels[partnerRows[row] as number]);
          expect(weights[row]).toBe(mix?.lambda ?? 1);
        }
      }),
    ));

  it('has four numbers of each box, zeros where a row has none, and no boxes where no row has one', () => {
    const box = { left: 3, top: 5, width: 7, height: 9 };
    expect(corners(box)).toEqual([3, 5, 7, 9]);
    const { boxes } = mixingOf(new Int32Array(2), [{ lambda: 0.4 }, { lambda: 0.3, box }]);
    expect(boxes).toEqual(Int32Array.of(0, 0, 0, 0, 3, 5, 7, 9));
    expect(mixedAlike(0.4, 0.3)).not.toHaveProperty('boxes');
  });

  it('is that of its parts, put together again', () =>
    fc.assert(
      fc.property(anyRows, fc.array(fc.nat(6), { maxLength: 3 }), ({ labels, mixes }, halves) => {
        const mixing = mixingOf(labels, mixes);
        // pairs stay together
        const cuts = [0, ...halves.map((half) => Math.min(2 * half, mixes.length)), mixes.length];
        cuts.sort((a, b) => a - b);
        const parts = cuts.slice(1).map((last, i) => mixingOfRows(mixing, cuts[i] as number, last));
        const { lambda: _, ...joined } = Object.getOwnPropertyDescriptors(joinedMixing(parts));
        const { lambda: __, ...whole } = Object.getOwnPropertyDescriptors(mixing);
        expect(joined).toEqual(whole);
      }),
    ));

  it('joins parts of which some have boxes', () => {
    const box = { left: 0, top: 0, width: 1, height: 2 };
    const boxed = mixingOf(Int32Array.of(1, 2), [{ lambda: 0.5, box }, undefined]);
    const blended = mixingOf(Int32Array.of(3, 4), [{ lambda: 0.5 }, { lambda: 0.5 }]);
    const joined = joinedMixing([blended, boxed]);
    expect(joined.boxes).toEqual(Int32Array.of(...new Array(8).fill(0), 0, 0, 1, 2, 0, 0, 0, 0));
    expect(joined.partnerRows).toEqual(Int32Array.of(1, 0, 3, 3));
    expect(joined.partnerLabels).toEqual(Int32Array.of(4, 3, 2, 2));
  });

  it('makes targets of which each row has a sum of one', () =>
    fc.assert(
      fc.property(anyRows, fc.constantFrom(0, 0.1), ({ labels, mixes }, smoothing) => {
        const rows = labels.length;
        const mixing = mixingOf(labels, mixes);
        const targets = softTargets(
          makeBatch({ labels, mixing, shape: [rows, 1, 1, 3], images: new Float32Array(rows * 3) }),
          CLASSES,
          smoothing,
        );
        for (let row = 0; row < rows; row++) {
          const sum = targets.subarray(row * CLASSES, (row + 1) * CLASSES).reduce((a, b) => a + b, 0);
          // each of the five is rounded twice at most, by 2^-25 of at most 1
          expect(Math.abs(sum - 1)).toBeLessThanOrEqual(2 * CLASSES * 2 ** -25);
        }
      }),
    ));
});

describe('lambda', () => {
  it('is the share that all mixed rows have, whatever those have that are not mixed', () => {
    expect(mixedAlike(0.3, 0.3, undefined).lambda).toBe(0.3);
    expect(mixedAlike(undefined, undefined, 0.2, 0.2).lambda).toBe(0.2);
  });

  it('is 1 where no row is mixed', () => {
    expect(mixedAlike(undefined).lambda).toBe(1);
    expect(makeMixing(mixedAlike()).lambda).toBe(1);
  });

  it('is refused where rows have different shares, with what to read instead', () => {
    const message = /different shares \(0\.3, 0\.4\): read mixing\.weights instead of mixing\.lambda$/;
    expect(() => mixedAlike(0.3, 0.4).lambda).toThrow(coded('NO_COMMON_LAMBDA', message));
  });

  it('is asked for by nobody who sends a batch on', () => {
    const mixing = mixedAlike(0.25, 0.5);
    // as to a thread, or to another rank
    expect(structuredClone(mixing)).toEqual({ ...mixing });
    expect(() => serialize(mixing)).not.toThrow();
    expect(JSON.parse(JSON.stringify({ mixing })).mixing.partnerRows).toMatchObject({ 0: 1, 1: 0 });
  });

  it('is found in a part, where the whole batch has none', () => {
    const mixing = mixedAlike(0.3, 0.3, 0.4, 0.4);
    expect(mixingOfRows(mixing, 0, 2).lambda).toBe(0.3);
    expect(mixingOfRows(mixing, 2, 4).lambda).toBe(0.4);
  });
});
