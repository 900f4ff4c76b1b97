import { QUARTER, TILE } from './matrix-shape.ts';

/**
 * For the `finish` of a matrix product: 16 invocations take the 16 groups of 4 results of a line, the next 16 those of
 * the next line. @param use statements by `line`, which is the line's number in the tile, and `result`, the group
 */
export const useGroups = (use: string, workgroupSize: number): string => `
for (var cs = local / 16u; cs < ${QUARTER}u; cs += ${workgroupSize / 16}u) {
  let line = ${QUARTER}u * part + cs;
  let at = ${TILE}u * cs + 4u * (local % 16u);
  let result = vec4f(Cs[at], Cs[at + 1u], Cs[at + 2u], Cs[at + 3u]);
  ${use}
}`;
