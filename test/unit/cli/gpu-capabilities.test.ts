import { expect, it } from 'vitest';
import type { Capabilities } from '../../../backends/gpu/device/capabilities.ts';
import { usableMatrices } from '../../../backends/gpu/device/matrix-units.ts';
import { describeCapabilities } from '../../../src/cli/gpu-capabilities.ts';

const limits = {
  maxBufferSize: 2 ** 32,
  maxStorageBufferBindingSize: 2 ** 31 - 4,
  maxStorageBuffersPerShaderStage: 16,
  maxComputeWorkgroupStorageSize: 49_152,
  maxComputeInvocationsPerWorkgroup: 1024,
  maxComputeWorkgroupSizeX: 1024,
  maxImmediateSize: 64,
};

/** As NVIDIA's driver has it. */
const nvidia: Capabilities = {
  features: ['chromium-experimental-subgroup-matrix', 'shader-f16', 'subgroups', 'timestamp-query'],
  limits,
  subgroupSizes: { smallest: 32, largest: 32 },
  matrixConfigurations: [
    { m: 16, n: 16, k: 16, component: 'f16', result: 'f16' },
    { m: 16, n: 8, k: 16, component: 'f16', result: 'f32' },
    { m: 16, n: 16, k: 16, component: 'f16', result: 'f32' },
    { m: 16, n: 16, k: 32, component: 'u8', result: 'u32' },
  ],
  languageFeatures: ['immediate_address_space', 'subgroup_id'],
};

it('says of an adapter what mixed precision has there, its features, matrices and limits', () => {
  expect(describeCapabilities(nvidia)).toEqual([
    'mixed precision: float16 arithmetic; matrix units f16 16 x 16 x 16 -> f32',
    'features: shader-f16, subgroups of 32, chromium-experimental-subgroup-matrix, timestamp-query',
    'matrix configurations: f16 16 x 16 x 16 -> f16, f16 16 x 8 x 16 -> f32, f16 16 x 16 x 16 -> f32, u8 16 x 16 x 32 -> u32',
    'limits: maxBufferSize 4096.0 MiB, maxStorageBufferBindingSize 2048.0 MiB, maxStorageBuffersPerShaderStage 16, maxComputeWorkgroupStorageSize 49152, maxComputeInvocationsPerWorkgroup 1024, maxComputeWorkgroupSizeX 1024, maxImmediateSize 64',
  ]);
});

it('says what an adapter lacks', () => {
  const old = {
    ...nvidia,
    features: ['subgroups'],
    matrixConfigurations: [],
    subgroupSizes: { smallest: 8, largest: 32 },
  };
  expect(describeCapabilities(old).slice(0, 2)).toEqual([
    'mixed precision: no float16 arithmetic (stored as float16, computed in float32); no matrix units for float16',
    'features: subgroups of 8 to 32; without shader-f16, chromium-experimental-subgroup-matrix, timestamp-query',
  ]);
  expect(describeCapabilities({ ...old, features: [] })[1]).toMatch(/^features: none; without shader-f16, /);
});

it('prefers matrix units that sum in float32, then large ones, and passes over those of no use', () => {
  expect(usableMatrices(nvidia)).toEqual([
    { m: 16, n: 16, k: 16, result: 'f32' },
    { m: 16, n: 8, k: 16, result: 'f32' },
    { m: 16, n: 16, k: 16, result: 'f16' },
  ]);
  const odd = { m: 12, n: 16, k: 16, component: 'f16', result: 'f32' };
  expect(usableMatrices({ ...nvidia, matrixConfigurations: [odd] })).toEqual([]);
});

it.each([
  ['a feature', { features: ['chromium-experimental-subgroup-matrix', 'subgroups'] }],
  ['a language feature', { languageFeatures: [] }],
  ['workgroups of four subgroups', { subgroupSizes: { smallest: 64, largest: 128 } }],
])('takes no matrix units without %s', (_, lacking) => {
  expect(usableMatrices({ ...nvidia, ...lacking })).toEqual([]);
});
