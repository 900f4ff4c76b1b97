import { columnsOfLanes, laneSums, laneSumsDeclaration, rowsOfPart } from '../columns-of-lanes.wgsl.ts';

export const columnSumsWgsl = (): string =>
  `${laneSumsDeclaration(2)}${columnsOfLanes(`
  ${rowsOfPart('p.rows')}
  var sum0 = vec4f();
  var sum1 = vec4f();
  if (c < p.c4) {
    for (var row = start + lane; row < end; row += 16u) {
      sum0 += first(row, c);
      sum1 += second(row, c);
    }
  }
  ${laneSums(['sum0', 'sum1'], (i, sum) => `parts_put((2u * part + ${i}) * p.c4 + c, ${sum});`)}`)}`;
