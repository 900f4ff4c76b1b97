import { DEPTH, TILE } from './matrix-shape.ts';

/** How the shader of a product of matrices fills a tile with groups of 4 values. */
export interface TileFill {
  readonly tile: 'As' | 'Bs';
  /** Whether the tile's lines are terms ([32][64]) or rows or columns of the result ([64][32]). */
  readonly linesAre: 'terms' | 'results';
  /** Texts by `line` and `place`, the group's line and its place there: whether there is such a group, and its values. */
  readonly isThere: string;
  readonly values: string;
}

/** Statements by which all invocations fill a tile; what is not there is zero. `local` is an invocation's number. */
export const fillTile = ({ tile, linesAre, isThere, values }: TileFill, workgroupSize: number): string => {
  const groups = (linesAre === 'terms' ? TILE : DEPTH) / 4;
  return `for (var i = local; i < ${(TILE * DEPTH) / 4}u; i += ${workgroupSize}u) {
  let line = i / ${groups}u;
  let place = i % ${groups}u;
  var group = vec4<f16>();
  if (${isThere}) { group = Factor4(${values}); }
  ${tile}[4u * i] = group.x;
  ${tile}[4u * i + 1u] = group.y;
  ${tile}[4u * i + 2u] = group.z;
  ${tile}[4u * i + 3u] = group.w;
}`;
};
