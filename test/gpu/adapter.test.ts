import { expect, it } from 'vitest';
import { findAdapter } from '../../backends/gpu/adapter.ts';

const adapter = await findAdapter();
const isRequired = process.env['MILLRACE_REQUIRE_GPU'] === '1';

it.skipIf(adapter === undefined && !isRequired)('describes the adapter: its name, vendor and kind', () => {
  expect(adapter).toEqual({
    name: expect.stringMatching(/./),
    vendor: expect.stringMatching(/./),
    isSoftware: expect.any(Boolean),
    hasFloat16: expect.any(Boolean),
  });
});

it.skipIf(adapter === undefined && !isRequired)('knows a driver that runs on the CPU for what it is', () => {
  const isKnownSoftware = /llvmpipe|lavapipe|swiftshader/i.test(adapter?.name ?? '');
  expect(adapter?.isSoftware).toBe(isKnownSoftware);
});
