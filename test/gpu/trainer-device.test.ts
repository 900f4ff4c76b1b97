import { expect } from 'vitest';
import { openTrainerFor } from '../../src/trainers/trainer-for.ts';
import { adapter, itOnGpu } from '../support/gpu.ts';

itOnGpu('asks WebGPU for a hardware GPU where the trainer graph may choose its device', async () => {
  const told: string[] = [];
  const surroundings = { tell: (message: string) => told.push(message) };
  const trainer = await openTrainerFor({ trainer: 'graph', device: 'auto' }, surroundings);
  await trainer.close();
  expect(trainer.name).toBe(adapter?.isSoftware ? 'tfjs' : 'graph');
  expect(told).toHaveLength(adapter?.isSoftware ? 1 : 0);
  if (adapter?.isSoftware) expect(told[0]).toContain(`no hardware GPU (only ${adapter.name})`);
});

itOnGpu('says which adapters there are where it is asked for another', async () => {
  const surroundings = { gpuAdapter: 'no such GPU', tell: () => {} };
  const opening = openTrainerFor({ trainer: 'graph' }, surroundings);
  await expect(opening).rejects.toThrow(/no GPU adapter 'no such GPU'; there are: 0 /);
});
