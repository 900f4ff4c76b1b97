import { expect } from 'vitest';
import { listAdapters } from '../../backends/gpu/device/adapter.ts';
import { adapter, itOnGpu } from '../support/gpu.ts';

itOnGpu('describes the adapter: its name, vendor and kind', () => {
  expect(adapter).toEqual({
    name: expect.stringMatching(/./),
    vendor: expect.stringMatching(/./),
    driver: expect.stringMatching(/./),
    isSoftware: expect.any(Boolean),
    hasFloat16: expect.any(Boolean),
  });
});

itOnGpu('is named as it is listed', async () => {
  const names = (await listAdapters()).map(({ name }) => name);
  expect(names).toContain(adapter?.name);
  expect(new Set(names).size).toBe(names.length);
});

itOnGpu('knows a driver that runs on the CPU for what it is', () => {
  const isKnownSoftware = /llvmpipe|lavapipe|swiftshader/i.test(adapter?.name ?? '');
  expect(adapter?.isSoftware).toBe(isKnownSoftware);
});
