import { freemem } from 'node:os';
import { expect, it } from 'vitest';
import { MOST_BYTES } from '../../../backends/cpu/tensors/shared-memory.ts';
import type { TensorMap } from '../../../src/core/trainer.ts';
import { CpuGraphDevice } from '../../../src/trainers/graph/devices/cpu-device.ts';
import { computeLogits } from '../../../src/trainers/graph/evaluate.ts';
import { GraphSession } from '../../../src/trainers/graph/session.ts';
import { saveState } from '../../../src/trainers/graph/state.ts';
import { trainStep } from '../../../src/trainers/graph/train-step.ts';
import { batchOf, model, settings } from '../../support/graph-training.ts';

/** Two steps by each kernel there is, where so much memory lies before all tensors. */
async function trained(bytesBefore: number) {
  const device = await CpuGraphDevice.open(2);
  const size = bytesBefore / 4;
  const before = { name: 'before', purpose: 'activations', element: 'f32', size } as const;
  await device.executor.prepare({ phases: {}, tensors: [before], allocations: [] });
  const session = await GraphSession.open(device, model, { precision: 'float32', seed: 4, settings });
  try {
    const losses: number[] = [];
    for (const step of [0, 1]) {
      const options = { learningRate: 0.01, apply: step > 0, lossScale: 0.5, step };
      losses.push((await trainStep(session, batchOf(step), options)).loss);
    }
    const { weights, average, optimizer } = await saveState(session);
    const logits = await computeLogits(session, batchOf(2), session.parameters.weights);
    const bytes = device.executor.bytesHeld - bytesBefore;
    return { bytes, values: { losses, logits, maps: [weights, average, optimizer].map(flat) } };
  } finally {
    await session.close();
  }
}

const flat = (map: TensorMap = {}) => Object.entries(map).map(([name, { data }]) => [name, [...data]]);

const GIBI = 2 ** 30;
const places = {
  'across 2 GiB': (bytes: number) => 2 * GIBI - bytes / 2,
  'beyond 2 GiB': () => 2 * GIBI,
  'beyond 3 GiB': () => 3 * GIBI,
  'up to the end of memory': (bytes: number) => MOST_BYTES - bytes,
};

// what lies before is never touched and takes no memory, but a system may count it
it.skipIf(freemem() < 6 * GIBI)('tensors that lie far away in memory have the same values', async () => {
  const near = await trained(0);
  for (const [name, bytesBefore] of Object.entries(places)) {
    const far = await trained(64 * Math.floor(bytesBefore(near.bytes) / 64));
    expect(far.values, name).toEqual(near.values);
  }
});
