import { join } from 'node:path';
import { CommanderError } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trainCommand } from '../../../../src/cli/commands/train.ts';
import type { TrainFlags } from '../../../../src/cli/flags/train-flags.ts';
import { type PresetName, presets, presetValues } from '../../../../src/training/preset-values.ts';
import { recipeNames, recipes } from '../../../../src/training/recipe-values.ts';
import { folderOf } from '../../../support/folders.ts';

/** What `millrace train data ...typed` would train with. */
async function flagsOf(...typed: string[]): Promise<TrainFlags> {
  let result: TrainFlags | undefined;
  const command = trainCommand().showHelpAfterError(false);
  command.action((_data, flags) => {
    result = flags;
  });
  await command.configureOutput({ writeErr: () => {} }).parseAsync(['data', ...typed], { from: 'user' });
  return result as TrainFlags;
}

const file = (content: unknown, mark = ''): string =>
  join(folderOf({ 'config.json': `${mark}${JSON.stringify(content)}` }), 'config.json');

describe('--preset', () => {
  it.each([
    ['efficientnet-b0', 0.08, 1e-5, 64],
    ['efficientnet-widese-b0', 0.08, 1e-5, 64],
    ['efficientnet-b4', 0.16, 5e-6, 16],
    ['efficientnet-widese-b4', 0.16, 5e-6, 16],
  ])('%s is NVIDIA’s configuration of the model', async (preset, lr, weightDecay, batchSize) => {
    expect(await flagsOf('--preset', preset)).toMatchObject({
      ...{ arch: preset, lr, weightDecay, batchSize, optimizerBatchSize: 4096 },
      ...{ optimizer: 'rmsprop', rmspropAlpha: 0.9, rmspropEps: 0.01, momentum: 0.9 },
      ...{ lrSchedule: 'cosine', endLr: 0, warmup: 16, epochs: 400 },
      ...{ labelSmoothing: 0.1, mixup: 0.2, augmentation: 'autoaugment', interpolation: 'bicubic' },
    });
  });

  it.each([
    [
      'efficientnet-quant-b0',
      { arch: 'efficientnet-b0', optimizer: 'sgd', momentum: 0.89, lr: 0.0125, weightDecay: 4.5e-5 },
      { batchSize: 128, lrSchedule: 'cosine', epochs: 10 },
    ],
    [
      'efficientnet-quant-b4',
      { arch: 'efficientnet-b4', optimizer: 'rmsprop', rmspropAlpha: 0.853, rmspropEps: 0.00422 },
      { momentum: 0.9, lr: 4.09e-6, weightDecay: 9.714e-4, batchSize: 32, lrSchedule: 'linear', epochs: 2 },
    ],
  ])('%s is NVIDIA’s of quant_main.py', async (preset, optimizer, schedule) => {
    expect(await flagsOf('--preset', preset)).toMatchObject({
      ...{ quantized: true, placement: 'tensorrt', ...optimizer, ...schedule },
      ...{ endLr: 0, warmup: 0, optimizerBatchSize: -1, labelSmoothing: 0, mixup: 0 },
      ...{ augmentation: 'none', interpolation: 'bilinear' },
    });
  });

  it('divides the optimizer’s batch evenly, where there is one', () => {
    for (const name of Object.keys(presets) as PresetName[])
      for (const precision of ['float32', 'mixed'] as const) {
        const { optimizerBatchSize, batchSize } = presetValues(name, precision);
        expect([0, -1]).toContain(Number(optimizerBatchSize) % Number(batchSize));
      }
  });

  it.each([
    ['efficientnet-b0', 128],
    ['efficientnet-widese-b0', 128],
    ['efficientnet-b4', 32],
    ['efficientnet-widese-b4', 32],
  ])(
    '%s has NVIDIA’s AMP batch and loss scale in mixed precision, however that is said',
    async (name, rows) => {
      const expected = { arch: name, batchSize: rows, staticLossScale: 128, amp: true };
      const spellings = [['--amp'], ['--precision', 'mixed'], ['--precision', 'AMP']];
      for (const spelling of [...spellings, ['--config', file({ amp: true })]])
        expect(await flagsOf('--preset', name, ...spelling)).toMatchObject(expected);
      const own = await flagsOf('--preset', name, '--amp', '-b', '8', '--static-loss-scale', '2');
      expect(own).toMatchObject({ batchSize: 8, staticLossScale: 2 });
      expect(await flagsOf('--preset', name)).not.toHaveProperty('staticLossScale');
    },
  );
});

describe('--recipe', () => {
  it.each(recipeNames)('%s sets what it says, and nothing of a model', async (name) => {
    const flags = await flagsOf('--recipe', name);
    expect(flags).toMatchObject(recipes[name].values);
    expect(flags.arch).toBe('efficientnet-nano');
  });

  it('goes before a preset, whose model and what else it leaves open stay', async () => {
    const flags = await flagsOf('--preset', 'efficientnet-b4', '--recipe', 'torchvision-v2');
    expect(flags).toMatchObject({ ...recipes['torchvision-v2'].values, arch: 'efficientnet-b4' });
    expect(flags).toMatchObject({ augmentation: 'none', rmspropAlpha: 0.9 });
  });

  it('goes after a file, which may name it, and after what is typed', async () => {
    const config = file({ recipe: 'timm-ra', mixup: 0.1, lr: 0.5 });
    const expected = { autoAugment: 'rand-m9-mstd0.5', mixup: 0.1, lr: 0.4, randomErase: 0.2 };
    expect(await flagsOf('--lr', '0.4', '--config', config)).toMatchObject(expected);
    const marked = file({ recipe: 'timm-ra', mixup: 0.1, lr: 0.5 }, '\ufeff');
    expect(await flagsOf('--lr', '0.4', '--config', marked)).toMatchObject(expected);
    const other = await flagsOf('--recipe', 'deit3', '--config', config);
    expect(other).toMatchObject({ autoAugment: '3a', mixup: 0.1, cutmix: 1 });
  });
});

describe('--precision', () => {
  it.each([
    [['--precision', 'mixed'], { amp: true, tf32: false }],
    [['--precision', 'float32'], { amp: false, tf32: false }],
    [['--precision', 'TF32'], { amp: false, tf32: true }],
    [['--precision', 'FP32'], { amp: false, tf32: false }],
    [['--amp', '--precision', 'mixed'], { amp: true }],
  ])('%j is another way to say %j', async (typed, expected) => {
    expect(await flagsOf(...typed)).toMatchObject(expected);
  });

  it('goes before a file where it is typed, as --amp and --no-amp do', async () => {
    const mixed = [file({ amp: true }), file({ precision: 'mixed' }), file({ precision: 'AMP' })];
    for (const config of mixed) {
      expect(await flagsOf('--config', config)).toMatchObject({ amp: true });
      expect(await flagsOf('--config', config, '--precision', 'float32')).toMatchObject({ amp: false });
      expect(await flagsOf('--config', config, '--no-amp')).toMatchObject({ amp: false });
    }
    const config = file({ precision: 'float32' });
    expect(await flagsOf('--config', config, '--amp')).toMatchObject({ amp: true });
  });

  it.each([
    [['--precision', 'fp16'], 'Allowed choices are float32, tf32, mixed'],
    [['--amp', '--precision', 'float32'], '--amp contradicts --precision float32'],
    [['--no-amp', '--precision', 'mixed'], '--no-amp contradicts --precision mixed'],
    [['--tf32', '--precision', 'mixed'], '--tf32 contradicts --precision mixed'],
  ])('refuses %j', async (typed, message) => {
    await expect(flagsOf(...typed)).rejects.toThrow(message);
  });
});

describe('--config', () => {
  it('goes before the preset and after what is typed, in whatever order they are typed', async () => {
    const config = file({ preset: 'efficientnet-b4', lr: 0.5, 'batch-size': 8, epochs: 7 });
    const expected = { arch: 'efficientnet-b4', lr: 0.5, batchSize: 4, epochs: 7, warmup: 16, seed: 0 };
    expect(await flagsOf('--config', config, '-b', '4')).toMatchObject(expected);
    expect(await flagsOf('-b', '4', '--config', config)).toMatchObject(expected);
    const other = await flagsOf('--config', config, '--preset', 'efficientnet-b0');
    expect(other).toMatchObject({ arch: 'efficientnet-b0', lr: 0.5, weightDecay: 1e-5 });
  });

  it('keeps a typed value that is the default', async () => {
    const config = file({ seed: 5 });
    expect((await flagsOf('--seed', '0', '--config', config)).seed).toBe(0);
  });

  it('takes flags by every name they have', async () => {
    const config = file({ 'learning-rate': 0.3, wd: 1e-3, weightDecay: undefined, batchSize: 9 });
    expect(await flagsOf('--config', config)).toMatchObject({ lr: 0.3, weightDecay: 1e-3, batchSize: 9 });
  });

  it('switches on and off what has no value, and is switched off by --no-', async () => {
    const config = file({ nesterov: true, 'no-checkpoints': true, digest: false, amp: true });
    const expected = { nesterov: true, noCheckpoints: true, digest: false, amp: false };
    expect(await flagsOf('--config', config, '--no-amp')).toMatchObject(expected);
  });

  it('can be overruled in whatever it switches on, but that no checkpoints are written', async () => {
    const switches = trainCommand()
      .options.filter((option) => option.isBoolean() && !option.negate)
      .map((option) => option.name())
      .filter((name) => !['print-config', 'no-checkpoints'].includes(name));
    expect(switches).toEqual(expect.arrayContaining(['digest', 'json', 'nesterov', 'quiet']));
    const config = file(Object.fromEntries(switches.map((name) => [name, true])));
    const flags = await flagsOf('--config', config, ...switches.map((name) => `--no-${name}`));
    expect(Object.values(flags)).not.toContain(true);
  });

  it('gives what it was given, whatever the flags', async () => {
    const { checkpointFilename, ...defaults } = await flagsOf();
    const changes = fc.record(
      {
        seed: fc.nat(),
        lr: fc.double({ min: 0, max: 10, noNaN: true }),
        optimizer: fc.constantFrom('sgd', 'rmsprop'),
        bnWeightDecay: fc.boolean(),
        checkpointFilename: fc.string({ minLength: 1 }),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(changes, async (values) => {
        const expected = { checkpointFilename, ...defaults, ...values };
        expect(await flagsOf('--config', file(values))).toMatchObject(expected);
      }),
      { numRuns: 20 },
    );
  });

  it.each<[unknown, string]>([
    [{ batchsize: 4, colour: 'red', lr: 1 }, 'no flag is called batchsize, colour'],
    [{ config: 'other.json' }, 'no flag is called config'],
    [{ lr: 0.1, 'learning-rate': 0.2 }, 'learning-rate: is given twice'],
    [{ 'batch-size': 'many' }, 'batch-size: "many" is invalid. Expected an integer of 1 or more.'],
    [{ 'optimizer-batch-size': 0 }, '0 is invalid. Expected an integer of 1 or more, or -1 (off).'],
    [{ optimizer: 'adam' }, 'optimizer: "adam" is invalid. Allowed choices are sgd, rmsprop.'],
    [{ nesterov: 'yes' }, 'nesterov: expected true or false'],
    [{ lr: null }, 'lr: expected a number, a string or a list of them'],
    [{ preset: 'resnet50' }, 'preset must be one of efficientnet-b0, '],
    [{ recipe: 'deit4' }, 'recipe must be one of torchvision-v2, deit3, '],
    [{ 'mix-mode': 'elem' }, 'mix-mode: "elem" is invalid. Allowed choices are batch, pair, row.'],
    [[1, 2], 'expected an object'],
  ])('refuses %j and says what is wrong', async (content, message) => {
    const failed = await flagsOf('--config', file(content)).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(CommanderError);
    expect((failed as CommanderError).message).toContain(message);
    expect((failed as CommanderError).message).toContain('config.json');
  });

  it('names a file that is missing, or no JSON', async () => {
    await expect(flagsOf('--config', 'nowhere.json')).rejects.toThrow(/nowhere\.json.*no such file/);
    const path = join(folderOf({ 'config.json': '{ "lr": 0.1, }' }), 'config.json');
    await expect(flagsOf('--config', path)).rejects.toThrow(/config\.json.*JSON/);
  });
});
