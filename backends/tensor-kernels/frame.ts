import type { Numbers } from './tensor-kernel.ts';

// How much scratch memory a CPU's tiles of kernels with a filter take: as frame.as.ts and its users lay it out.

/** Channels / 4 that a tile of a depthwise filter has. */
const TILE_C4 = 4;
/** Bytes of a pixel in a frame: of so many channels. */
export const pixelBytes = 16 * TILE_C4;
/** Pixels of a lazy value that are evaluated at a time, where a line has no more. */
const RUN = 64;
/** Bytes of what describes a tile, a frame or a sweep, rounded up. */
export const blockBytes = 64;
/** So many tiles keep the cores of most machines busy. */
const MOST_TILES = 16;
/** Channels / 4 that a tile of small images has, which go without a frame (pixel-pairs.as.ts). */
const SMALL_TILE_C4 = 16;

/**
 * Tiles of a depthwise filter: chunks of rows by blocks of channels. Outputs at most `widest` pixels wide are small, where a chunk
 * has whole images, of `sampleRows`.
 */
export function depthwiseTiles(
  { outWidth, inputSampleRows, c4, chunk }: Numbers<'outWidth' | 'inputSampleRows' | 'c4' | 'chunk'>,
  widest: number,
  rows: number,
  sampleRows: number,
): [number, number] {
  const isSmall = outWidth <= widest && inputSampleRows <= RUN && chunk % sampleRows === 0;
  return [Math.ceil(c4 / (isSmall ? SMALL_TILE_C4 : TILE_C4)), Math.ceil(rows / chunk)];
}

/** The most lines of images `width` wide that a chunk's pixels lie in: chunks of whole lines begin with one. */
export function linesOfChunk(chunk: number, width: number, height: number): number {
  return Math.min(chunk % width === 0 ? chunk / width : Math.floor(chunk / width) + 2, height);
}

/** The most rows of a lazy value that a tile evaluates at a time: of an output's a chunk, of an input's a run of whole lines. */
export const rowsOfTile = (chunk: number, width: number): number => Math.max(chunk, RUN, width);

type StemShape = Numbers<'rows' | 'chunk' | 'c4' | 'width' | 'outWidth' | 'outHeight' | 'kernel' | 'stride'>;

/** Tiles of the stem: chunks of rows, which are divided by channels where there are few. */
export function stemTiles({ rows, chunk, c4 }: StemShape): [number, number] {
  const chunks = Math.ceil(rows / chunk);
  return [Math.min(Math.ceil(MOST_TILES / chunks), Math.ceil(c4 / TILE_C4)), chunks];
}

/** Bytes of a frame of three colors, in float32. */
export function stemFrameBytes({ chunk, width, outWidth, outHeight, kernel, stride }: StemShape): number {
  const lines = (linesOfChunk(chunk, outWidth, outHeight) - 1) * stride + kernel;
  return blockBytes + Math.ceil((lines * (width + kernel - 1) * 12) / 16) * 16;
}
