import { describe, expect, it } from 'vitest';
import { describeStep } from '../../../src/core/step.ts';
import { images, type RecipeName, recipe, train, verifyStream } from '../../../src/index.ts';
import { recipeNames, recipes } from '../../../src/training/recipe-values.ts';
import { folderOf } from '../../support/folders.ts';
import { patternItems } from '../../support/raw-images.ts';

const stepsOf = (name: RecipeName) => recipe(name).steps.map((step) => step[describeStep]);

describe('recipe()', () => {
  it("gives torchvision's steps, with its numbers", () => {
    expect(stepsOf('torchvision-v2')).toMatchObject([
      { name: 'randomResizedCrop', parameters: { size: 176, interpolation: 'bilinear' } },
      { name: 'randomHorizontalFlip' },
      { name: 'trivialAugment', parameters: { interpolation: 'bilinear' } },
      { name: 'normalize' },
      { name: 'erase', parameters: { probability: 0.1, value: 'constant' } },
      { name: 'mix', parameters: { mixup: 0.2, cutmix: 1, prob: 1, switchProb: 0.5, box: 'torchvision' } },
    ]);
    expect(recipe('torchvision-v2').training).toMatchObject({
      stream: { batchSize: 128, repeats: 4 },
      optimizer: { optimizer: 'sgd', momentum: 0.9, weightDecay: 2e-5, labelSmoothing: 0.1 },
      schedule: { base: 0.5, epochs: 600, warmup: 5 },
      rowsPerUpdate: 1024,
    });
  });

  it("gives DeiT III's: one of three changes, jitter, both mixes", () => {
    expect(stepsOf('deit3')).toMatchObject([
      { name: 'randomResizedCrop', parameters: { size: 224, interpolation: 'bicubic' } },
      { name: 'randomHorizontalFlip' },
      { name: 'autoAugment', parameters: { policy: '3a' } },
      { name: 'colorJitter', parameters: { brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0 } },
      { name: 'normalize' },
      { name: 'mix', parameters: { mixup: 0.8, cutmix: 1, box: 'timm' } },
    ]);
  });

  it("gives timm's RandAugment: interpolations by chance, boxes of noise, no mix", () => {
    expect(stepsOf('timm-ra')).toMatchObject([
      { name: 'randomResizedCrop', parameters: { interpolation: 'random' } },
      { name: 'randomHorizontalFlip' },
      { name: 'randAugment', parameters: { config: 'rand-m9-mstd0.5', interpolation: 'random' } },
      { name: 'normalize' },
      { name: 'erase', parameters: { probability: 0.2, value: 'noise' } },
    ]);
  });

  it("gives NVIDIA's, as its preset has it", () => {
    expect(stepsOf('nvidia-efficientnet')).toMatchObject([
      { name: 'randomResizedCrop', parameters: { interpolation: 'bicubic' } },
      { name: 'randomHorizontalFlip' },
      { name: 'autoAugment', parameters: { policy: 'v0' } },
      { name: 'normalize' },
      { name: 'mixup', parameters: { alpha: 0.2 } },
    ]);
  });

  it.each(recipeNames)('%s makes images of another size where one is given', (name) => {
    const [crop] = recipe(name, { size: 40 }).steps;
    expect(crop?.[describeStep]).toMatchObject({ parameters: { size: 40 } });
  });

  it.each(recipeNames)('%s divides its rows an update evenly, into batches that can be mixed', (name) => {
    const { batchSize, optimizerBatchSize, raReps } = recipes[name].values;
    expect(optimizerBatchSize % batchSize).toBe(0);
    expect([batchSize % 2, batchSize % raReps]).toEqual([0, 0]);
  });

  it.each(recipeNames)('%s makes one stream, whatever makes it', async (name) => {
    const dataset = images(patternItems(36));
    const { steps, stream } = recipe(name, { size: 16 });
    const options = { batchSize: 12, repeats: stream.repeats ?? 1, batches: 1, workers: 2 };
    const verdict = await verifyStream(dataset, steps, { ...options, backends: ['reference'] });
    expect(verdict.isOneStream).toBe(true);
    expect(verdict.results.filter(({ status }) => status === 'pass').length).toBeGreaterThan(6);
  });

  it('names the recipes that there are', () => {
    expect(() => recipe('resnet-strikes-back' as never)).toThrow(
      'recipe must be one of torchvision-v2, deit3, timm-ra, nvidia-efficientnet, got resnet-strikes-back',
    );
  });

  it('is trained by, with what is said of data and model', async () => {
    const { training } = recipe('deit3', { size: 16 });
    const { result } = train({
      ...training,
      data: images(patternItems(24)),
      ...{ trainer: 'none', evaluation: false, checkpoints: false, report: false },
      stream: { ...training.stream, batchSize: 6, workers: 0 },
      rowsPerUpdate: 12,
      ...{ runEpochs: 1, workspace: folderOf() },
    });
    expect(await result).toMatchObject({ summary: { steps: 4 } });
  });
});
