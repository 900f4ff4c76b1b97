import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { randomResizedCrop } from '../../../operators/image/random-resized-crop.ts';
import { ParameterError } from '../../../src/core/errors.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import { resumedOptions } from '../../../src/training/resumed-options.ts';
import type { TrainOptions } from '../../../src/training/train-options.ts';
import { train } from '../../../src/training/training.ts';
import { folderOf } from '../../support/folders.ts';
import { photoFolder } from '../../support/photos.ts';
import { patternItems } from '../../support/raw-images.ts';
import { countingTrainer } from '../../support/trainers.ts';

const inMemory = images(patternItems(8).map((item, i) => ({ ...item, label: i % 2 })));

/** Starts a training of two epochs, and ends it after the first. */
async function begun(more: Partial<TrainOptions>): Promise<string> {
  const workspace = folderOf();
  await train({
    ...{ data: inMemory, workspace, trainer: countingTrainer(), report: false, runEpochs: 1 },
    ...{ recipe: { imageSize: 8 }, stream: { batchSize: 4, workers: 0, seed: 3 }, schedule: { epochs: 2 } },
    ...more,
  } as TrainOptions).result;
  return workspace;
}

describe('a training of which only the run to continue is named', () => {
  it('has its data and its options, but for how far it was to go and where it wrote', async () => {
    const data = await photoFolder(4);
    const checkpoints = { filename: 'last.safetensors', keep: 2 };
    const workspace = await begun({
      ...{ data, checkpoints, optimizer: { momentum: 0.5 }, evaluation: false, rankTimeoutMs: 5000 },
    });
    const options = await resumedOptions({ resume: workspace });
    expect(options).toMatchObject({
      ...{ data, checkpoints, evaluation: false, trainer: 'counting', resume: workspace },
      ...{ recipe: { imageSize: 8, mixup: 0 }, optimizer: { momentum: 0.5 }, schedule: { epochs: 2 } },
      stream: { batchSize: 4, seed: 3, workers: 0, backend: 'cpu' },
    });
    for (const name of ['workspace', 'runEpochs', 'maxSteps', 'force', 'rankTimeoutMs'])
      expect(options).not.toHaveProperty(name);
    const { epochs } = await train({ resume: workspace, trainer: countingTrainer() }).result;
    expect(epochs).toEqual({ done: 2, planned: 2 });
  });

  it('has what is given in place of what was recorded, option by option', async () => {
    const workspace = await begun({ model: { variant: 'nano', width: 0.5 } });
    const given = { stream: { seed: 4 }, schedule: { warmup: 1 }, model: { depth: 2 } } as const;
    const options = await resumedOptions({
      resume: workspace,
      data: inMemory,
      evaluation: { every: 3 },
      ...given,
    });
    expect(options).toMatchObject({
      ...{ data: inMemory, stream: { seed: 4, batchSize: 4 }, schedule: { warmup: 1, epochs: 2 } },
      ...{ model: { variant: 'nano', width: 0.5, depth: 2 }, evaluation: { every: 3 } },
    });
    const another = train({ resume: workspace, data: inMemory, trainer: countingTrainer(), ...given });
    await expect(another.result).rejects.toThrow('seed: was 3, is 4');
  });

  it('leaves behind where another trainer computed', async () => {
    const workspace = await begun({ trainerBackend: 'wasm', device: 'auto', threads: 2 });
    const resumedBy = (trainer?: string) =>
      resumedOptions({ resume: workspace, data: inMemory, ...(trainer && { trainer }) });
    expect(await resumedBy()).toMatchObject({ trainerBackend: 'wasm', device: 'auto', threads: 2 });
    expect(await resumedBy('counting')).toMatchObject({ trainerBackend: 'wasm', device: 'auto', threads: 2 });
    const another = await resumedBy('graph');
    expect(another.trainer).toBe('graph');
    for (const name of ['trainerBackend', 'device', 'threads']) expect(another).not.toHaveProperty(name);
  });

  it.each([
    ['data', {}, {}],
    ['steps', { recipe: undefined, steps: [randomResizedCrop(8)] }, { data: inMemory }],
  ] as const)('says that %s given in code are to be given again', async (what, first, given) => {
    const workspace = await begun(first as Partial<TrainOptions>);
    const error = await resumedOptions({ resume: workspace, ...given }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ParameterError);
    const { message } = error as ParameterError;
    expect(message).toContain(
      `${join(workspace, 'checkpoint.safetensors')}: the run's ${what} were given in code`,
    );
    expect(message).toContain(`train({ resume, ${what} })`);
    const again = { data: inMemory, ...(what === 'steps' && { steps: [randomResizedCrop(8)] }) };
    const { epochs } = await train({ resume: workspace, trainer: countingTrainer(), ...again }).result;
    expect(epochs.done).toBe(2);
  });

  it('needs data or a run', () => {
    expect(() => train({} as TrainOptions)).toThrow('train: data must be a path, or a dataset');
  });
});
