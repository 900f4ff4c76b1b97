import { expect } from 'vitest';
import type { FoundAdapter } from '../../backends/gpu/device/adapter.ts';
import { matrixFeatures } from '../../backends/gpu/device/capabilities.ts';
import { Gpu } from '../../backends/gpu/device/device.ts';
import { chooseTier } from '../../backends/gpu/tensors/choose-tier.ts';
import type { DeviceForm } from '../../backends/gpu/tensors/device-form.ts';
import { selfTest } from '../../backends/gpu/tensors/self-test/self-test.ts';
import { emulatingMatrixUnits } from '../support/emulate-matrix-units.ts';
import { openFaulty } from '../support/faulty-driver.ts';
import { adapter, describeOnGpu, itOnGpu } from '../support/gpu.ts';

const best = adapter?.hasFloat16 ? 'half' : 'packed';

async function choiceWith(misread: (code: string) => string, isMixed = true) {
  const gpu = await openFaulty(misread);
  try {
    return await chooseTier(gpu, isMixed);
  } finally {
    gpu.close();
  }
}

/** Both conversions to float16, of a value that `change` makes of v. */
const converting = (change: string) => (code: string) =>
  code
    .replaceAll('pack2x16float(v.', `pack2x16float(${change}.`)
    .replaceAll('vec4<f16>(v);', `vec4<f16>(${change});`);

describeOnGpu('the self-test', () => {
  const forms: DeviceForm[] = [
    { tier: 'float32' },
    { tier: 'packed' },
    { tier: 'half' },
    { tier: 'packed', conversion: 'integers' },
    { tier: 'half', conversion: 'integers' },
    { tier: 'float32', conversion: 'integers' },
  ];
  itOnGpu.for(forms)('finds no fault with this driver: %j', async (form, { skip }) => {
    const gpu = await Gpu.open();
    try {
      skip(form.tier === 'half' && !gpu.device.features.has('shader-f16'));
      expect(await selfTest(gpu, form)).toEqual([]);
    } finally {
      gpu.close();
    }
  });
});

describeOnGpu('the choice of a tier', () => {
  itOnGpu('is the best that the adapter has, and is made once a device and precision', async () => {
    const gpu = await Gpu.open();
    try {
      const choice = chooseTier(gpu, true);
      expect(chooseTier(gpu, true)).toBe(choice);
      expect(await choice).toEqual({ form: { tier: best }, name: best, refused: [] });
      expect(await chooseTier(gpu, false)).toEqual({
        ...{ form: { tier: 'float32' }, name: 'float32', refused: [] },
      });
    } finally {
      gpu.close();
    }
  });

  itOnGpu('makes infinity itself where a driver keeps what is too large for float16 finite', async () => {
    const saturating = converting('clamp(v, vec4f(-65504.0), vec4f(65504.0))');
    const { form, name, refused } = await choiceWith(saturating);
    expect(form).toEqual({ tier: best, conversion: 'integers' });
    expect(name).toBe(`${best} with float16 by integers (not ${best}: rounding)`);
    expect(refused).toEqual([`${best}: rounding: 65520 becomes 65504 in place of Infinity`]);
  });

  itOnGpu('rounds itself where a driver cuts off', async () => {
    const cutting = converting('bitcast<vec4f>(bitcast<vec4u>(v) & vec4u(0xffffe000u))');
    expect((await choiceWith(cutting)).form).toEqual({ tier: best, conversion: 'integers' });
  });

  itOnGpu('reads float16 itself where a driver takes subnormals for zero', async () => {
    const flushed = (value: string) => `select(${value}, vec4f(), abs(${value}) < vec4f(0x1p-14))`;
    const unpacking = 'vec4f(unpack2x16float(halves.x), unpack2x16float(halves.y))';
    const flushing = (code: string) =>
      code
        .replace(`return ${unpacking};`, `return ${flushed(unpacking)};`)
        .replace('return vec4f(v);', `return ${flushed('vec4f(v)')};`);
    const { form, name } = await choiceWith(flushing);
    expect(form).toEqual({ tier: best, conversion: 'integers' });
    expect(name).toContain(': reading store');
  });

  itOnGpu('falls back to packed halves where shaders with f16 are wrong', async ({ skip }) => {
    skip(best !== 'half');
    const wrong = (code: string) =>
      code.includes('enable f16;') ? code.replaceAll('dot(factors,', '1.01 * dot(factors,') : code;
    const { form, name, refused } = await choiceWith(wrong);
    expect(form).toEqual({ tier: 'packed' });
    expect(name).toBe('packed (not half: pointwise)');
    expect(refused).toEqual([expect.stringMatching(/^half: pointwise: out is off by 0\.0\d+ of its root/)]);
  });

  itOnGpu('falls back to packed halves where shaders with f16 do not compile', async ({ skip }) => {
    skip(best !== 'half');
    const { name, refused } = await choiceWith((code) => code.replace('enable f16;', 'enable f17;'));
    expect(name).toBe('packed (not half: a shader)');
    expect(refused).toEqual([expect.stringContaining('does not compile')]);
  });

  itOnGpu('is an error with the kernel, the adapter and the driver where float32 is wrong', async () => {
    const wrong = (code: string) =>
      code.replaceAll('return x * sigmoid(x);', 'return x * sigmoid(x) + 0.01;');
    const choosing = choiceWith(wrong, false);
    await expect(choosing).rejects.toMatchObject({ code: 'GPU_WRONG' });
    const { name = '', driver = '' } = adapter ?? {};
    for (const part of [name, driver, 'float32: pointwise: out is off by'])
      await expect(choosing).rejects.toThrow(part);
  });

  itOnGpu('is an error where an overflow of gradients would not be noticed', async () => {
    const blind = (code: string) => code.replace('atomicStore(&flag[0], 1u)', 'atomicStore(&flag[0], 0u)');
    await expect(choiceWith(blind, false)).rejects.toThrow('finite-check');
  });
});

/** Says that the adapter has matrix units of a form that compiles soonest. */
function withMatrixUnits(found: FoundAdapter): FoundAdapter {
  const { features, languageFeatures } = found.capabilities;
  const capabilities = {
    ...found.capabilities,
    features: [...features, ...matrixFeatures],
    languageFeatures: [...languageFeatures, 'subgroup_id'],
    subgroupSizes: { smallest: 32, largest: 32 },
    matrixConfigurations: [{ m: 32, n: 32, k: 32, component: 'f16', result: 'f32' }],
  };
  return { ...found, capabilities };
}
const matrix = { config: { m: 32, n: 32, k: 32, result: 'f32' }, subgroupSize: 32 } as const;

describeOnGpu('the choice of a tier on matrix units, emulated', () => {
  async function choiceOn(misread: (code: string) => string) {
    const gpu = await openFaulty(misread, withMatrixUnits);
    try {
      return await emulatingMatrixUnits(gpu, matrix, () => chooseTier(gpu, true));
    } finally {
      gpu.close();
    }
  }

  itOnGpu('takes the matrix units', async ({ skip }) => {
    skip(best !== 'half');
    const name = 'matrix units of 32 x 32 x 32 -> f32';
    expect(await choiceOn((code) => code)).toEqual({ form: { tier: 'half', matrix }, name, refused: [] });
  });

  itOnGpu('goes without matrix units that leave out the first terms', async ({ skip }) => {
    skip(best !== 'half');
    const { form, name } = await choiceOn((code) =>
      code.replaceAll('for (var term = 0u;', 'for (var term = 1u;'),
    );
    expect(form).toEqual({ tier: 'half' });
    const kernels = 'pointwise, pointwise-input-gradient, pointwise-filter-gradient';
    expect(name).toBe(`half (not matrix units of 32 x 32 x 32 -> f32: ${kernels})`);
  });
});
