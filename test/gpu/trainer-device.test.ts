import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { askAdapter } from '../../backends/gpu/device/ask-adapter.ts';
import { Gpu } from '../../backends/gpu/device/device.ts';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { openTrainerFor } from '../../src/trainers/trainer-for.ts';
import { adapter, itOnGpu } from '../support/gpu.ts';
import { packageCopy } from '../support/package-copy.ts';
import { trainingSettings } from '../support/trainers.ts';

itOnGpu('computes on a hardware GPU, else on the CPU, whatever makes its batches', async () => {
  const gpu = await Gpu.open();
  for (const lent of [undefined, gpu]) {
    const told: string[] = [];
    const tell = (message: string) => told.push(message);
    const trainer = await openTrainerFor({}, { adapter: lent?.adapter, tell });
    await trainer.prepare(model, { ...preparation, ...(lent && { device: lent.device }) });
    await trainer.close();
    expect(trainer.environment?.['adapter']).toBe(adapter?.isSoftware ? 'cpu' : adapter?.name);
    expect(told).toHaveLength(adapter?.isSoftware ? 1 : 0);
    if (adapter?.isSoftware) expect(told[0]).toContain(`no hardware GPU (only ${adapter.name})`);
  }
  gpu.close();
});

itOnGpu('says which adapters there are where it is asked for another', async () => {
  const surroundings = { gpuAdapter: 'no such GPU', tell: () => {} };
  const opening = openTrainerFor({ trainer: 'graph' }, surroundings);
  await expect(opening).rejects.toThrow(/no GPU adapter 'no such GPU'; there are: 0 /);
});

itOnGpu('asks for GPUs in a process of its own, whose end is not that of training', async () => {
  expect(await askAdapter()).toEqual(adapter);
  const broken = packageCopy({
    file: 'backends/gpu/device/adapter-probe.js',
    from: 'process.stdout.write(',
    to: "process.kill(process.pid, 'SIGSEGV'); process.stdout.write(",
  });
  const source = `
    import { chooseDevice } from '${join(broken, 'dist/src/trainers/device.js')}';
    const surroundings = { tell: (message) => console.log(message) };
    console.log(await chooseDevice('auto', 'graph', 'float32', surroundings));`;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', source]);
  expect((await run).stdout).toBe(
    'device auto: no GPU is looked for: the process that asked for GPUs ended with SIGSEGV (see millrace doctor)\ncpu\n',
  );
});

const model = efficientNet({ width: 0.125, depth: 0.25, classes: 3 });
const preparation = { precision: 'float32', seed: 1, settings: trainingSettings } as const;
