import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { randomFor } from '../../../src/core/random.ts';
import { drawCrops, type Rectangle, splitIntoBands } from '../../../src/demo/crops.ts';
import {
  photographCrops,
  photographPath,
  photographs,
  readPhotograph,
  writeDemoPhotographs,
} from '../../../src/demo/photographs.ts';

const area = ({ width, height }: { width: number; height: number }): number => width * height;
const overlap = (a: Rectangle, b: Rectangle): boolean =>
  a.left < b.left + b.width &&
  b.left < a.left + a.width &&
  a.top < b.top + b.height &&
  b.top < a.top + a.height;
const isInside = (inner: Rectangle, outer: Rectangle): boolean =>
  inner.left >= outer.left &&
  inner.top >= outer.top &&
  inner.left + inner.width <= outer.left + outer.width &&
  inner.top + inner.height <= outer.top + outer.height;

describe('splitIntoBands', () => {
  it('covers an image of any size with bands that do not overlap', () => {
    const side = fc.integer({ min: 64, max: 4000 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        const { train, val } = splitIntoBands({ width, height });
        const all = [...train, ...val];
        const whole = { left: 0, top: 0, width, height };
        expect(all.every((band) => isInside(band, whole))).toBe(true);
        expect(all.reduce((sum, band) => sum + area(band), 0)).toBe(area(whole));
        expect(train.some((a) => val.some((b) => overlap(a, b)))).toBe(false);
      }),
    );
  });
});

describe('drawCrops', () => {
  const band = { left: 30, top: 40, width: 200, height: 500 };

  it('returns only crops that are accepted', () => {
    const crops = drawCrops([band], 40, randomFor(3, 0, 0, 0), (crop) => crop.top >= 200);
    expect(crops).toHaveLength(40);
    expect(crops.every((crop) => crop.top >= 200 && isInside(crop, band))).toBe(true);
  });

  it('names the band in which no crop is accepted', () => {
    expect(() => drawCrops([band], 1, randomFor(3, 0, 0, 0), () => false)).toThrow(/band 200x500 at 30,40/);
  });
});

describe('photographCrops', () => {
  it.each(photographs)('keeps training and validation crops of %s apart, and inside it', async (name) => {
    const photograph = await readPhotograph(name);
    const { train, val } = photographCrops(name, photograph);
    const whole = { left: 0, top: 0, width: photograph.width, height: photograph.height };
    expect(train).toHaveLength(96);
    expect(val).toHaveLength(24);
    expect([...train, ...val].every((crop) => isInside(crop, whole))).toBe(true);
    expect(train.filter((a) => val.some((b) => overlap(a, b)))).toEqual([]);
    expect([...train, ...val].every(({ width }) => width >= 160 && width <= 224)).toBe(true);
  });
});

describe('photographPath', () => {
  it('says how to get a photograph whose package is not installed', () => {
    const elsewhere = createRequire(join(tmpdir(), 'nowhere.js'));
    expect(() => photographPath('black-canyon', elsewhere)).toThrow(
      /datasets-img-black-canyon: run `npm ci`/,
    );
  });
});

describe('writeDemoPhotographs', () => {
  const root = mkdtempSync(join(tmpdir(), 'millrace-demo-'));
  afterAll(() => rmSync(root, { recursive: true }));

  it('writes the same labelled JPEG files each time and keeps a folder that is complete', async () => {
    const [first, second] = [join(root, 'first'), join(root, 'second')];
    expect(await writeDemoPhotographs(first)).toBe('made');
    expect(await writeDemoPhotographs(second)).toBe('made');
    const files = readdirSync(first, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.jpg'),
    );
    expect(files).toHaveLength(photographs.length * (96 + 24));
    const differing = files.filter(
      (file) => !readFileSync(join(first, file)).equals(readFileSync(join(second, file))),
    );
    expect(differing).toEqual([]);
    const { format, width, height } = await sharp(join(first, 'val', 'nagasaki-boats', '000.jpg')).metadata();
    expect([format, width]).toEqual(['jpeg', height]);

    const { mtimeMs } = statSync(join(first, 'recipe.json'));
    expect(await writeDemoPhotographs(first)).toBe('kept');
    expect(statSync(join(first, 'recipe.json')).mtimeMs).toBe(mtimeMs);
  });

  it('leaves nothing behind when it is aborted', async () => {
    const folder = join(root, 'aborted', 'demo');
    const abort = new AbortController();
    const writing = writeDemoPhotographs(folder, abort.signal);
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await expect(writing).rejects.toThrow('enough');
    expect(readdirSync(join(root, 'aborted'))).toEqual([]);
  });
});
