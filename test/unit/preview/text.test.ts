import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfPath, printable, wrapText } from '../../../src/preview/text.ts';
import { drawText, makeCanvas } from '../../../src/raster/canvas.ts';
import { glyph, glyphSize } from '../../../src/raster/pixel-font.ts';

const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));

describe('the pixel font', () => {
  it('has a glyph of its own, of the stated size, for every character from space to tilde', () => {
    const glyphs = ascii.map((character) => glyph(character));
    for (const rows of glyphs) {
      expect(rows).toHaveLength(glyphSize.height);
      for (const row of rows) expect(row).toMatch(/^[.#]{5}$/);
    }
    expect(new Set(glyphs.map((rows) => rows.join('\n'))).size).toBe(95);
    expect(glyph(' ').join('')).not.toContain('#');
    expect(glyph('T').slice(0, 7)).toEqual(['#####', ...Array(6).fill('..#..')]);
  });

  it('draws a question mark for what it does not have', () => {
    for (const character of ['\n', '\x7f', 'é', '猫', '']) expect(glyph(character)).toEqual(glyph('?'));
  });
});

describe('drawText', () => {
  it('draws each dot as a square of the scale, and nothing past the right edge', () => {
    const canvas = makeCanvas({ width: 40, height: 20 }, [255, 255, 255]);
    drawText(canvas, { left: 1, top: 1 }, 'Tiles', { scale: 2, color: [1, 2, 3] });
    const isInk = (x: number, y: number) => canvas.data[(y * 40 + x) * 3] === 1;
    for (let y = 0; y < 18; y++) {
      for (let x = 0; x < 10; x++)
        expect(isInk(1 + x, 1 + y)).toBe(glyph('T')[Math.floor(y / 2)]?.[Math.floor(x / 2)] === '#');
    }
    const columns = Array.from({ length: 40 }, (_, x) => x);
    const inked = columns.filter((x) => columns.slice(0, 20).some((y) => isInk(x, y)));
    expect(Math.max(...inked)).toBeLessThan(1 + 3 * 12);
  });
});

describe('wrapText', () => {
  it('keeps every character but spaces at breaks, in lines that fit', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '-', '/'), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 20 }), (given, columns) => {
        const lines = wrapText(given, columns);
        expect(lines.every((line) => line.length <= columns && line !== '')).toBe(true);
        expect(lines.join('').replaceAll(' ', '')).toBe(given.replaceAll(' ', ''));
      }),
    );
  });

  it('breaks between words, after hyphens and slashes, and inside a word only where it must', () => {
    expect(wrapText('crop 10x20 at 3,4', 10)).toEqual(['crop 10x20', 'at 3,4']);
    expect(wrapText('airplane-from-above', 18)).toEqual(['airplane-from-', 'above']);
    expect(wrapText('folder/abcdefgh', 7)).toEqual(['folder/', 'abcdefg', 'h']);
  });
});

it('shortens a path to its end', () => {
  expect(endOfPath('a/long/path/to/image-7.jpg', 14)).toBe('...image-7.jpg');
  expect(endOfPath('image-7.jpg', 11)).toBe('image-7.jpg');
});

it('replaces each code point that the font lacks by one question mark', () => {
  expect(printable('a\u{1f431}é\t~')).toBe('a???~');
});

it('writes usual signs that the font lacks in characters that it has', () => {
  expect(printable('auto augment · rotate 5°, 3 × 4')).toBe('auto augment: rotate 5 deg, 3 x 4');
});
