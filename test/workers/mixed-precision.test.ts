import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lossScaleOf } from '../../src/core/loss-scale.ts';
import { loadCheckpoint } from '../../src/trainers/checkpoint.ts';
import { folderOf } from '../support/folders.ts';
import { photoFolder } from '../support/photos.ts';
import { millrace } from '../support/processes.ts';

const support = new URL('../support/trainers.js', import.meta.url).href;

it('is asked for by NVIDIA’s flags, told of on the console, and left when a run continues without it', async () => {
  const data = await photoFolder(8);
  const source = `import { scalingTrainer } from '${support}';
    const environment = { adapter: 'none' };
    export const createTrainer = () => scalingTrainer({ environment, overflows: (step) => step === 2 });`;
  const trainer = join(folderOf({ 'scaling.mjs': source }), 'scaling.mjs');
  const workspace = folderOf();
  const flags = ['--trainer', trainer, '-b', '4', '--image-size', '8', '--epochs', '2', '--training-only'];
  const scale = ['--amp', '--static-loss-scale', '64', '--dynamic-loss-scale'];
  const first = await millrace(['train', data, ...flags, ...scale, '--workspace', workspace, '--prof', '5']);
  expect({ code: first.code, stdout: first.stdout }).toEqual({ code: 0, stdout: '' });
  for (const line of [
    'trainer: precision mixed, adapter none',
    'step 2: the update was skipped (the first), since a gradient was no finite number: the loss scale is now 32',
    '| loss scale 32, 1 update skipped |',
  ])
    expect(first.stderr).toContain(line);
  const path = join(workspace, 'checkpoint.safetensors');
  const scalingOf = async () => lossScaleOf((await loadCheckpoint(path)).state.lossScale ?? {});
  expect(await scalingOf()).toMatchObject({ scale: 32, goodUpdates: 2, skipped: 1 });

  const resume = ['train', '--resume', workspace, '--trainer', trainer];
  const other = await millrace([...resume, '--no-dynamic-loss-scale', '--run-epochs', '1']);
  expect(other.code).toBe(2);
  expect(other.stderr).toContain('dynamic-loss-scale: was true, is not set');
  const resumed = await millrace([...resume, '--precision', 'float32']);
  expect(resumed.code).toBe(0);
  expect(resumed.stderr).toContain('was trained in precision mixed, this run computes in float32');
  expect(resumed.stderr).not.toContain('loss scale');
  expect(await scalingOf()).toBe(undefined);

  const evaluated = await millrace(['evaluate', workspace, data, '--trainer', trainer, '--precision', 'AMP']);
  expect(evaluated.code).toBe(0);
  expect(evaluated.stderr).toContain('was trained in precision float32, this run computes in mixed');
});
