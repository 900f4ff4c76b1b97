import { BackendError } from '../../../src/core/errors.ts';
import type { Gpu } from './device.ts';

/** Of the limits that are better the higher they are, the values that are enough. */
export type NeededLimits = Readonly<Partial<Record<MaximumName, number>>>;
type MaximumName = Extract<keyof GPUSupportedLimits, `max${string}`>;

/** Throws a BackendError where a limit of the device is too low, with what is needed and what there is. */
export function requireLimits({ adapter, device }: Gpu, needed: NeededLimits): void {
  const lacking = (Object.keys(needed) as MaximumName[])
    .map((name) => ({ name, least: needed[name] ?? 0, offered: device.limits[name] ?? 0 }))
    .filter(({ least, offered }) => !(least <= offered))
    .map(({ name, least, offered }) => `${name} of ${least} is needed, it offers ${offered}`);
  if (lacking.length > 0)
    throw new BackendError(
      'GPU_LIMIT',
      `the GPU adapter ${adapter.name} is too small: ${lacking.join('; ')}`,
    );
}
