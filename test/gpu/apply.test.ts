import { expect } from 'vitest';
import { Gpu } from '../../backends/gpu/device/device.ts';
import { applyOperators, invert } from '../../src/index.ts';
import { itOnGpu } from '../support/gpu.ts';
import { patternImage } from '../support/raw-images.ts';

const image = patternImage(1, 8, 8);
const apply = (gpuAdapter?: string) =>
  applyOperators(image, [invert()], { backend: 'gpu', ...(gpuAdapter !== undefined && { gpuAdapter }) });

itOnGpu(
  'applies operators after an adapter that is not there, and does not remember that one either',
  async () => {
    const expected = await applyOperators(image, [invert()], { backend: 'cpu' });
    for (let time = 0; time < 2; time++)
      await expect(apply('no such adapter')).rejects.toMatchObject({ code: 'NO_ADAPTER' });
    expect(await apply('0')).toEqual(expected);
  },
);

itOnGpu('applies operators on a new device where the one it had was lost', async () => {
  const expected = await apply();
  const gpu = await Gpu.open();
  gpu.device.destroy();
  await gpu.device.lost;
  gpu.close();
  expect(await apply()).toEqual(expected);
  const [next, other] = await Promise.all([apply(), apply()]);
  expect([next, other]).toEqual([expected, expected]);
});
