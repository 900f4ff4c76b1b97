import type { Box, RawImage, Size } from '../core/image.ts';
import { glyph, glyphSize } from './pixel-font.ts';

/** R, G, B, 0..255. */
export type Color = readonly [number, number, number];

/** Top left corner, in pixels from the canvas's. */
export interface Place {
  readonly left: number;
  readonly top: number;
}

/** A line of text, each dot of the font `scale` x `scale` pixels. */
export interface TextStyle {
  readonly scale: number;
  readonly color: Color;
}

/** From the left of a character to the left of the next, and from the top of a line to the top of the next, in dots. */
export const characterPitch = glyphSize.width + 1;
export const linePitch = glyphSize.height + 2;

/** An image to draw on, of one colour. What is drawn has to lie within it. */
export function makeCanvas(size: Size, color: Color): RawImage {
  const data = new Uint8Array(size.width * size.height * 3);
  const canvas = { width: size.width, height: size.height, data };
  fillRectangle(canvas, { left: 0, top: 0 }, size, color);
  return canvas;
}

export function fillRectangle(canvas: RawImage, { left, top }: Place, size: Size, color: Color): void {
  const row = Uint8Array.from({ length: size.width * 3 }, (_, i) => color[i % 3] as number);
  for (let y = top; y < top + size.height; y++) canvas.data.set(row, (y * canvas.width + left) * 3);
}

export function drawImage(canvas: RawImage, { left, top }: Place, image: RawImage): void {
  const rowBytes = image.width * 3;
  for (let y = 0; y < image.height; y++) {
    const row = image.data.subarray(y * rowBytes, (y + 1) * rowBytes);
    canvas.data.set(row, ((top + y) * canvas.width + left) * 3);
  }
}

/** Draws one line; characters that would not fit into the canvas are left out. */
export function drawText(canvas: RawImage, { left, top }: Place, text: string, style: TextStyle): void {
  const { scale, color } = style;
  const dot = { width: scale, height: scale };
  const room = Math.floor((canvas.width - left) / (characterPitch * scale));
  for (const [column, character] of [...text].slice(0, room).entries()) {
    const start = left + column * characterPitch * scale;
    for (const [y, row] of glyph(character).entries()) {
      for (const [x, ink] of [...row].entries()) {
        const place = { left: start + x * scale, top: top + y * scale };
        if (ink === '#') fillRectangle(canvas, place, dot, color);
      }
    }
  }
}

/** Draws the edges of a rectangle, `width` pixels wide and inside of it. */
export function outlineRectangle(canvas: RawImage, box: Box, width: number, color: Color): void {
  const { left, top, width: w, height: h } = box;
  const [across, along] = [Math.min(width, w), Math.min(width, h)];
  fillRectangle(canvas, { left, top }, { width: w, height: along }, color);
  fillRectangle(canvas, { left, top: top + h - along }, { width: w, height: along }, color);
  fillRectangle(canvas, { left, top }, { width: across, height: h }, color);
  fillRectangle(canvas, { left: left + w - across, top }, { width: across, height: h }, color);
}
