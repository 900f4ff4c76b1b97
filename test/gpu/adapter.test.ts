import { expect } from 'vitest';
import { adapter, itOnGpu } from '../support/gpu.ts';

itOnGpu('describes the adapter: its name, vendor and kind', () => {
  expect(adapter).toEqual({
    name: expect.stringMatching(/./),
    vendor: expect.stringMatching(/./),
    isSoftware: expect.any(Boolean),
    hasFloat16: expect.any(Boolean),
  });
});

itOnGpu('knows a driver that runs on the CPU for what it is', () => {
  const isKnownSoftware = /llvmpipe|lavapipe|swiftshader/i.test(adapter?.name ?? '');
  expect(adapter?.isSoftware).toBe(isKnownSoftware);
});
