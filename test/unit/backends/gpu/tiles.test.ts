import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ProgramWords } from '../../../../backends/gpu/program-words.ts';
import { appendTiles } from '../../../../backends/gpu/tiles.ts';
import { TILE } from '../../../../backends/gpu/wgsl/steps.wgsl.ts';

const side = fc.integer({ min: 1, max: 200 });
const sizes = fc.array(fc.record({ width: side, height: side }), { maxLength: 12 });

it('every tile has a pixel of its image, and every pixel is in one tile', () => {
  const property = fc.property(sizes, fc.nat(99), (sizes, before) => {
    const words = new ProgramWords();
    words.reserve(before);
    const steps = sizes.map((size, i) => ({ step: 1000 + i, size }));
    const { tiles, count } = appendTiles(steps, words);
    expect(tiles).toBe(before);
    const { written } = words;
    expect(written).toHaveLength(before + 2 * count);
    const covered = sizes.map(({ width, height }) => new Uint8Array(width * height));
    for (let tile = tiles; tile < tiles + count; tile++) {
      const image = (written[tile] as number) - 1000;
      const place = written[tile + count] as number;
      const { width, height } = sizes[image] as (typeof sizes)[number];
      const [left, top] = [(place & 0xffff) * TILE.width, (place >>> 16) * TILE.height];
      expect(left < width && top < height).toBe(true);
      const pixels = covered[image] as Uint8Array;
      for (let y = top; y < Math.min(top + TILE.height, height); y++)
        for (let x = left; x < Math.min(left + TILE.width, width); x++)
          pixels[y * width + x] = (pixels[y * width + x] as number) + 1;
    }
    for (const pixels of covered) expect(pixels.every((times) => times === 1)).toBe(true);
  });
  fc.assert(property, { numRuns: 100 });
});
