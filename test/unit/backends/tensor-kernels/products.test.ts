import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu } from '../../../../backends/gpu/device/device.ts';
import { openNullDevice } from '../../../../backends/gpu/device/null-device.ts';
import { shaderOf } from '../../../../backends/gpu/tensors/shader.ts';
import { matrixForms } from '../../../support/matrix-forms.ts';
import { products } from '../../../support/products.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openNullDevice();
});
afterAll(() => gpu.close());

/** What the arrays in workgroup memory take, with the start of each at a multiple of 16 bytes. */
function workgroupBytes(code: string): number {
  const sizes: Record<string, number> = { f16: 2, f32: 4, vec4f: 16, 'vec4<Factor>': 8 };
  const arrays = [...code.matchAll(/var<workgroup> \w+: array<([^,]+), (\d+)>/g)];
  return arrays.reduce((sum, [, type = '', length]) => {
    const bytes = (sizes[type] ?? Number.NaN) * Number(length);
    return sum + 16 * Math.ceil(bytes / 16);
  }, 0);
}

describe.each(matrixForms)('for the matrix units of %s', (_, form) => {
  it.each(products)('the shader of %s is valid and small enough', async (_name, call) => {
    const { code } = shaderOf(call, { tier: 'half', matrix: form });
    expect(code).toContain('subgroupMatrixMultiplyAccumulate');
    const module = gpu.device.createShaderModule({ code });
    expect((await module.getCompilationInfo()).messages).toEqual([]);
    expect(workgroupBytes(code)).toBeLessThanOrEqual(32_768);
    gpu.check();
  });
});

it.each(products)('the shader of %s takes at most 32 KiB without matrix units', (_, call) => {
  for (const tier of ['float32', 'packed'] as const)
    expect(workgroupBytes(shaderOf(call, { tier }).code.replaceAll('<Factor>', 'f'))).toBeLessThanOrEqual(
      32_768,
    );
});
