import { linearGroups } from '../kernel-form.ts';
import { defineTensorKernel } from '../tensor-kernel.ts';
import { sumPartsWgsl } from './sum-parts.wgsl.ts';

/** gradient += the sum of parts [parts, size], in their order. */
export const sumParts = defineTensorKernel({
  name: 'sum-parts',
  operands: { parts: { access: 'read', width: 4 }, gradient: { access: 'update', width: 4 } },
  parameters: { parts: 'u32', size4: 'u32' },
  workgroups: ({ size4 }) => linearGroups(size4),
  wgsl: sumPartsWgsl,
  // 1024: sum-parts.as.ts has the same
  wasm: { tiles: ({ size4 }) => [1, Math.ceil(size4 / 1024)] },
  reference({ parts, gradient }, p) {
    const size = 4 * p.size4;
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let part = 0; part < p.parts; part++) sum += parts[part * size + i] as number;
      gradient[i] = (gradient[i] as number) + sum;
    }
  },
});
