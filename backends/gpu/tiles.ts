import type { Size } from '../../src/core/image.ts';
import type { ProgramWords } from './program-words.ts';
import { type DispatchRecord, TILE } from './wgsl/steps.wgsl.ts';

/** An image that a dispatch makes, and the index of the step that tells it how. */
export interface TiledStep {
  readonly step: number;
  readonly size: Size;
}

const across = ({ width }: Size): number => Math.ceil(width / TILE.width);
const tilesOf = (size: Size): number => across(size) * Math.ceil(size.height / TILE.height);

/** Lists the tiles of all images, for one workgroup each. */
export function appendTiles(steps: readonly TiledStep[], words: ProgramWords): Omit<DispatchRecord, 'bins'> {
  const count = steps.reduce((sum, { size }) => sum + tilesOf(size), 0);
  const tiles = words.reserve(2 * count);
  let at = tiles;
  for (const { step, size } of steps) {
    const tilesHere = tilesOf(size);
    words.fill(at, tilesHere, step);
    words.set(at + count, placesOf(across(size), tilesHere));
    at += tilesHere;
  }
  return { tiles, count };
}

/** Places of the tiles of images of one width, row after row: those of a lower image are the first of a higher one's. */
const placesByWidth = new Map<number, Uint32Array>();

function placesOf(columns: number, count: number): Uint32Array {
  const known = placesByWidth.get(columns);
  if (known !== undefined && known.length >= count) return known.subarray(0, count);
  const places = Uint32Array.from(
    { length: count },
    (_, i) => (i % columns) | (Math.floor(i / columns) << 16),
  );
  placesByWidth.set(columns, places);
  return places;
}
