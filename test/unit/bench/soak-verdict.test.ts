import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, type SoakSample } from '../../../bench/soak-verdict.ts';

const MEBIBYTE = 2 ** 20;
const MARGIN = 16 * MEBIBYTE;

const steady: SoakSample = {
  images: 0,
  resident: 200 * MEBIBYTE,
  own: 100 * MEBIBYTE,
  held: 80 * MEBIBYTE,
  descriptors: 28,
  handles: 2,
  threads: 13,
};

/** A hundred samples; `change` gives what is different at share 0..1 of the stream. */
const samplesOf = (change: (share: number) => Partial<SoakSample>): SoakSample[] =>
  Array.from({ length: 100 }, (_, i) => ({ ...steady, images: i * 1000, ...change(i / 99) }));

const failuresOf = (change: (share: number) => Partial<SoakSample>) =>
  judge(samplesOf(change), MARGIN).failures;

describe('judge', () => {
  it('passes memory that wavers within the margin', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: MARGIN }), { minLength: 1, maxLength: 300 }),
        (waves) => {
          const samples = waves.map((wave) => ({ ...steady, own: steady.resident + wave }));
          expect(judge(samples, MARGIN).failures).toEqual([]);
        },
      ),
    );
  });

  it('fails a steady leak of twice the margin', () => {
    const failures = failuresOf((share) => ({ own: 100 * MEBIBYTE + share * 2 * MARGIN }));
    expect(failures).toHaveLength(2);
    expect(failures[0]).toMatch(/^own memory grew from 101\.5 MiB to 130\.5 MiB$/);
  });

  it('fails a peak in the middle that the engine does not account for, and passes one that it does', () => {
    const peak = (share: number) => (share > 0.4 && share < 0.6 ? 40 * MEBIBYTE : 0);
    const own = (share: number) => 100 * MEBIBYTE + peak(share);
    expect(failuresOf((share) => ({ own: own(share) }))).toEqual([
      "memory rose 40.0 MiB above the first tenth's highest value, what the engine holds only 0.0 MiB",
    ]);
    expect(failuresOf((share) => ({ own: own(share), held: 80 * MEBIBYTE + peak(share) }))).toEqual([]);
  });

  it('does not count pages of mapped files', () => {
    expect(failuresOf((share) => ({ resident: (200 + share * 100) * MEBIBYTE }))).toEqual([]);
  });

  it.each(['descriptors', 'handles', 'threads'] as const)('fails one more of %s', (name) => {
    const failures = failuresOf((share) => ({ [name]: (steady[name] as number) + (share > 0.8 ? 1 : 0) }));
    expect(failures).toHaveLength(1);
    expect(failures[0]).toContain(name);
  });

  it('compares medians of the first and the last tenth', () => {
    const { trends } = judge(
      samplesOf((share) => ({ handles: share < 0.05 ? 9 : share > 0.99 ? 99 : 2 })),
      MARGIN,
    );
    expect(trends.find(({ name }) => name === 'handles')).toMatchObject({ last: 2 });
  });
});
