import { afterAll, beforeAll, describe, it } from 'vitest';
import { findAdapter } from '../../backends/gpu/device/adapter.ts';
import { Gpu } from '../../backends/gpu/device/device.ts';

const isRequired = process.env['MILLRACE_REQUIRE_GPU'] === '1';

/** The adapter that tests run on. */
export const adapter = (await findAdapter())?.description;

/** Whether to leave GPU tests out: they are reported as skipped, unless MILLRACE_REQUIRE_GPU=1 makes them fail. */
export const isWithoutGpu = adapter === undefined && !isRequired;

export const itOnGpu = it.skipIf(isWithoutGpu) as typeof it;
export const describeOnGpu = describe.skipIf(isWithoutGpu) as typeof describe;

/** To be called at the top of a test file: its device stays open, and keeps the shaders that it has compiled. */
export function useOpenGpu(): { gpu: Gpu } {
  const opened = {} as { gpu: Gpu };
  beforeAll(async () => {
    if (!isWithoutGpu) opened.gpu = await Gpu.open();
  });
  afterAll(() => opened.gpu?.close());
  return opened;
}
