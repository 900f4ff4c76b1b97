import { columnsOfLanes, laneSums, laneSumsDeclaration } from '../columns-of-lanes.wgsl.ts';
import type { KernelForm } from '../kernel-form.ts';
import { upTo } from '../up-to.ts';

/** A workgroup sums the rows of one sample. The terms of a row stand together, so that what they share is loaded once. */
export function sampleSumsWgsl(form: KernelForm): string {
  const terms = upTo(form.count('terms'));
  const sums = terms.map((i) => `sum${i}`);
  return `${laneSumsDeclaration(sums.length)}${columnsOfLanes(`
  ${sums.map((sum) => `var ${sum} = vec4f();`).join(' ')}
  if (c < p.c4) {
    let end = (part + 1u) * p.sampleRows;
    for (var row = part * p.sampleRows + lane; row < end; row += 16u) {
      ${terms.map((i) => `sum${i} += terms${i}(row, c);`).join('\n      ')}
    }
  }
  ${laneSums(sums, (i, sum) => `out_put((${i} * p.samples + part) * p.c4 + c, ${sum});`)}`)}`;
}
