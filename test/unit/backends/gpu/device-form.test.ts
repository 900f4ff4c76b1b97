import { expect, it } from 'vitest';
import type { Capabilities } from '../../../../backends/gpu/device/capabilities.ts';
import { formsOf, nameOfForm } from '../../../../backends/gpu/tensors/device-form.ts';

const limits = {
  maxBufferSize: 2 ** 32,
  maxStorageBufferBindingSize: 2 ** 32,
  maxStorageBuffersPerShaderStage: 16,
  maxComputeWorkgroupStorageSize: 49_152,
  maxComputeInvocationsPerWorkgroup: 1024,
  maxComputeWorkgroupSizeX: 1024,
  maxImmediateSize: 64,
};
const capabilities: Capabilities = {
  features: ['chromium-experimental-subgroup-matrix', 'shader-f16', 'subgroups'],
  limits,
  subgroupSizes: { smallest: 32, largest: 32 },
  matrixConfigurations: [
    { m: 16, n: 16, k: 16, component: 'f16', result: 'f16' },
    { m: 16, n: 16, k: 16, component: 'f16', result: 'f32' },
  ],
  languageFeatures: ['subgroup_id'],
};
const namesOf = (offered: Partial<Capabilities>, isMixed: boolean) =>
  formsOf({ ...capabilities, ...offered }, isMixed).map(nameOfForm);

it('tries matrix units first, then float16, then packed halves, as far as an adapter has them', () => {
  const [exact, rounded] = ['matrix units of 16 x 16 x 16 -> f32', 'matrix units of 16 x 16 x 16 -> f16'];
  expect(namesOf({}, true)).toEqual([exact, rounded, 'half', 'packed']);
  expect(namesOf({ features: ['shader-f16'] }, true)).toEqual(['half', 'packed']);
  expect(namesOf({ features: ['subgroups'] }, true)).toEqual(['packed']);
});

it('computes in float32 without mixed precision, whatever there is', () => {
  expect(namesOf({}, false)).toEqual(['float32']);
});

it('names the form whose float16 is made by integers', () => {
  expect(nameOfForm({ tier: 'packed', conversion: 'integers' })).toBe('packed with float16 by integers');
});
