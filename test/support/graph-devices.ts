import { afterEach, describe } from 'vitest';
import type { PrepareOptions } from '../../src/core/trainer.ts';
import type { EfficientNet } from '../../src/models/efficientnet.ts';
import type { GraphTrainerOptions } from '../../src/trainers/graph/devices/open-device.ts';
import { GraphTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { isWithoutGpu, useOpenGpu } from './gpu.ts';
import { preparation } from './webgpu-trainers.ts';

export const mixed = { precision: 'mixed', lossScaling: { initial: 100, growthInterval: 3 } } as const;
const float32 = { precision: 'float32' } as const;

/** What the graph trainer computes on, and the precisions that it has there. */
export interface GraphTestDevice {
  readonly name: string;
  readonly options: GraphTrainerOptions;
  readonly isSkipped: boolean;
  readonly precisions: readonly (typeof mixed | typeof float32)[];
}

const cpu: GraphTestDevice = {
  name: 'the CPU',
  options: { device: 'cpu', threads: 2 },
  isSkipped: false,
  precisions: [float32],
};
const gpu: GraphTestDevice = {
  name: 'a GPU',
  options: { device: 'gpu' },
  isSkipped: isWithoutGpu,
  precisions: [float32, mixed],
};
export const graphDevices = [cpu, gpu] as const;

/** Opens trainers that are closed after the test. */
export type Open = (
  model: EfficientNet,
  options?: Partial<PrepareOptions>,
  threads?: number,
) => Promise<GraphTrainer>;

/** Tests for the CPU, and for a GPU where there is one: otherwise they are reported as skipped there. */
export function describeOnDevices(name: string, tests: (open: Open, device: GraphTestDevice) => void): void {
  for (const device of graphDevices)
    describe.skipIf(device.isSkipped)(`${name}, on ${device.name}`, () => {
      if (device === gpu) useOpenGpu();
      tests(useTrainers(device), device);
    });
}

/** The same in each precision that a device has. */
export function describeInPrecisions(
  name: string,
  tests: (open: Open, device: GraphTestDevice, precision: typeof mixed | typeof float32) => void,
): void {
  describeOnDevices(name, (open, device) => {
    for (const options of device.precisions)
      describe(`in ${options.precision}`, () =>
        tests((model, more, threads) => open(model, { ...options, ...more }, threads), device, options));
  });
}

export function useTrainers({ options }: GraphTestDevice = gpu): Open {
  const opened: GraphTrainer[] = [];
  afterEach(async () => {
    for (const trainer of opened.splice(0)) await trainer.close();
  });
  return async (model, more, threads = options.threads) => {
    const trainer = new GraphTrainer({ ...options, ...(threads && { threads }) });
    opened.push(trainer);
    await trainer.prepare(model, { ...preparation, ...more });
    return trainer;
  };
}
