import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutValPart } from '../../../src/datasets/opening/val-part.ts';
import { type Dataset, datasetDigest, imageFolder, images } from '../../../src/index.ts';
import { folderOf } from '../../support/folders.ts';
import { patternImage } from '../../support/raw-images.ts';

const image = patternImage(0, 2, 2);
const keys = (dataset: Dataset) => Array.from({ length: dataset.length }, (_, i) => dataset.key(i));
const labelsOf = (dataset: Dataset) =>
  new Set(Array.from({ length: dataset.length }, (_, i) => dataset.label(i)));
/** So many samples of each class. */
const samples = (...counts: number[]) =>
  images(
    counts.flatMap((count, label) =>
      Array.from({ length: count }, (_, i) => ({ image, label, key: `${label}/${i}` })),
    ),
  );

describe('a part for val', () => {
  it('is said by the hash of the key, the committed one', () => {
    const { train, val } = cutValPart(samples(12, 12), 0.25);
    // keys whose SHA-256 begins with a number below 40000000 (hexadecimal)
    expect(keys(val)).toEqual(['0/4', '0/10', '1/0', '1/1', '1/3', '1/7', '1/11']);
    expect([...keys(train), ...keys(val)].toSorted()).toEqual(keys(samples(12, 12)).toSorted());
  });

  it('stays the same whatever is added, but for a class that would have none', () => {
    const before = new Set(keys(cutValPart(samples(40, 40), 0.2).val));
    const after = new Set(keys(cutValPart(samples(60, 40, 50), 0.2).val));
    expect([...before].filter((key) => !after.has(key))).toEqual([]);
    expect(
      [...after].filter((key) => !before.has(key) && /^[01]\//.test(key) && Number(key.slice(2)) < 40),
    ).toEqual([]);
  });

  it('and the rest have a sample of each class that has two, and together all samples', () => {
    const counts = fc.array(fc.integer({ min: 2, max: 9 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(counts, fc.double({ min: 1e-9, max: 1, noNaN: true }), (some, share) => {
        const all = samples(...some);
        const { train, val } = cutValPart(all, share);
        expect(new Set([...keys(train), ...keys(val)]).size).toBe(all.length);
        expect(train.length + val.length).toBe(all.length);
        for (const part of [train, val]) expect(labelsOf(part).size).toBe(some.length);
      }),
    );
  });

  it('has about its share of each class', () => {
    const { val } = cutValPart(samples(2000, 2000), 0.1);
    const first = keys(val).filter((key) => key.startsWith('0/')).length;
    for (const count of [first, val.length - first]) expect(Math.abs(count - 200)).toBeLessThan(45);
  });

  it('leaves the only sample of a class to train, and is refused where there is nothing else', () => {
    expect(keys(cutValPart(samples(1, 2), 0.9).train)).toContain('0/0');
    expect(() => cutValPart(samples(1, 1), 0.5)).toThrow(expect.objectContaining({ code: 'NOTHING_TO_CUT' }));
  });

  it('has a digest of its own: that of the images in it', async () => {
    const files = Object.fromEntries(
      ['a', 'b'].flatMap((c) => [0, 1, 2, 3].map((i) => [`${c}/${i}.jpg`, `${c}${i}`])),
    );
    const all = imageFolder(folderOf(files));
    for (const part of Object.values(cutValPart(all, 0.4) as unknown as Record<string, Dataset>)) {
      const own = Object.fromEntries(keys(part).map((key) => [key, files[key] as string]));
      expect(await datasetDigest(part)).toBe(await datasetDigest(imageFolder(folderOf(own))));
      expect(part.place?.(0)).toEqual({ path: expect.stringContaining(part.key(0)) });
    }
  });
});
