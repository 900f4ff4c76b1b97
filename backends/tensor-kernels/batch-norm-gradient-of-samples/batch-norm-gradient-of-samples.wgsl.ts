import { gradientsByLanes } from '../batch-norm.wgsl.ts';
import type { KernelForm } from '../kernel-form.ts';
import { upTo } from '../up-to.ts';

/** A lane adds every 16th sample. */
export const batchNormGradientOfSamplesWgsl = ({ count }: KernelForm): string =>
  gradientsByLanes(`for (var n = lane; n < p.samples; n += 16u) {${upTo(count('factors')).map(addFactor).join('')}
    }`);

const addFactor = (j: number): string => `
      let factor${j} = factors${j}(n, c);
      sums.own += factor${j} * sums_at(((p.first + ${2 * j}u) * p.samples + n) * p.c4 + c);
      sums.products += factor${j} * sums_at(((p.first + ${2 * j + 1}u) * p.samples + n) * p.c4 + c);`;
