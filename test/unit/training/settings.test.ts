import { describe, expect, it } from 'vitest';
import { trainCommand } from '../../../src/cli/commands/train.ts';
import { autoAugment, images, randomResizedCrop } from '../../../src/index.ts';
import { completeOptions } from '../../../src/training/complete-options.ts';
import { presets } from '../../../src/training/preset-values.ts';
import { preset } from '../../../src/training/presets.ts';
import { optionsOfValues, settingValues } from '../../../src/training/settings.ts';

/** Flags of where values and data come from, of what is printed, of another job than training; another name of --amp. */
const noSettings = [
  ...['preset', 'recipe', 'config', 'printConfig', 'trainData', 'json', 'quiet', 'printFreq', 'evaluate'],
  ...['explain', 'precision'],
];
/** Flags of NVIDIA's scripts that change nothing here. */
const withoutEffect = [
  ...['memoryFormat', 'gpuAffinity', 'jit', 'topk', 'gatherCheckpoints'],
  ...['pretrained', 'trt', 'fp16'],
];

const command = trainCommand();
const flags = command.options.filter(({ negate }) => !negate);

/** A value that the flag takes, other than its default. */
const example: Readonly<Record<string, unknown>> = {
  arch: 'efficientnet-b4',
  optimizer: 'rmsprop',
  classWeights: 'balanced',
  lrSchedule: 'step',
  stochasticDepth: 'batch',
  dataBackend: 'reference',
  onError: 'substitute',
  maxBad: '7',
  interpolation: 'bicubic',
  augmentation: 'autoaugment',
  policy: 'imagenet',
  translate: 'relative',
  cropScale: [0.2, 0.9],
  stemStride: 1,
  convInit: 'fan_out',
  padding: 'same',
  freeze: ['stem', 'layers.0'],
  exclude: ['a.jsonl', 'b.jsonl'],
  trainer: './mine.js',
  tfjsBackend: 'cpu',
  device: 'gpu',
  gpuAdapter: '1',
  quarantine: 'bad.jsonl',
  checkpointFilename: 'last.safetensors',
  workspace: 'runs/a',
  raportFile: 'm.jsonl',
  resume: 'runs/b',
  pretrainedFromFile: 'w.safetensors',
  valData: 'photos/val',
  trainInterpolation: 'random',
  autoAugment: 'ta_wide',
  eraseMode: 'noise',
  cutmixBox: 'timm',
  mixSwitchProb: 0.3,
  mixMode: 'pair',
  parts: 4,
  raReps: 3,
  sampler: 'balanced',
  onlyClasses: ['dog', 'cat'],
  subset: 'list.txt',
  fold: '2/5',
};
const switches = flags.filter((option) => option.isBoolean()).map((option) => option.attributeName());

const names = flags
  .map((option) => option.attributeName())
  .filter((name) => !noSettings.includes(name) && !withoutEffect.includes(name));

describe('the settings of a training', () => {
  it.each(names)('know the flag %s: as an option, and written down as it was typed', (name) => {
    const value = switches.includes(name) ? true : (example[name] ?? 0.5);
    const options = optionsOfValues({ [name]: value }, 'name');
    expect(options).not.toEqual({});
    expect(settingValues(options, 'name')).toMatchObject({ [name]: value });
  });

  it('have the names of flags, with dashes and without', () => {
    const options = { preset: 'efficientnet-b0', data: 'photos', precision: 'mixed' } as const;
    const complete = completeOptions({ ...options, resume: 'a', exclude: ['b'] });
    for (const flag of Object.keys(settingValues(complete, 'flag')))
      expect(flags.find((option) => option.name() === flag)?.name()).toBe(flag);
    for (const name of Object.keys(settingValues(complete, 'name')))
      expect(flags.map((option) => option.attributeName())).toContain(name);
  });

  it('give every flag that is left out the default of the library, or say nothing of it', () => {
    const defaults = command.opts<Record<string, unknown>>();
    const complete = completeOptions({ data: 'photos' });
    const written = settingValues(complete, 'name');
    for (const name of names.filter((known) => defaults[known] !== undefined)) {
      const typed = optionsOfValues({ [name]: defaults[name] }, 'name');
      expect([name, written[name]]).toEqual([name, settingValues(typed, 'name')[name]]);
      if (!(name in written)) expect(complete).toMatchObject(typed);
    }
  });

  it('say of a stream without erasing and CutMix what they said before there were any', () => {
    const values = settingValues(completeOptions({ data: 'photos', recipe: { mixup: 0.2 } }), 'flag');
    const said = Object.keys(values).filter((name) =>
      /mix|erase|jitter|augment|reps|interpolation/.test(name),
    );
    expect(said.toSorted()).toEqual(['augmentation', 'interpolation', 'mixup']);
  });

  it('say of the loss scale what NVIDIA’s flags say: 100 good updates, never, or a number of its own', () => {
    const written = (growthInterval: number) =>
      settingValues({ lossScaling: { growthInterval } }, 'flag', 'decides')['dynamic-loss-scale'];
    expect([100, 2000, Number.POSITIVE_INFINITY].map(written)).toEqual([true, 2000, undefined]);
    const read = (value: unknown) => optionsOfValues({ dynamicLossScale: value }, 'name').lossScaling;
    expect([true, 2000, false].map(read)).toEqual(
      [100, 2000, Number.POSITIVE_INFINITY].map((growthInterval) => ({ growthInterval })),
    );
  });

  it('have a loss scale in mixed precision alone, as NVIDIA’s script has it', () => {
    const scalingOf = (precision: 'float32' | 'mixed') =>
      completeOptions({ data: 'photos', precision }).lossScaling;
    expect(scalingOf('mixed')).toEqual({ initial: 1, growthInterval: Number.POSITIVE_INFINITY });
    expect(scalingOf('float32')).toBe(undefined);
    const values = settingValues(completeOptions({ data: 'photos' }), 'flag');
    expect(Object.keys(values).filter((name) => name.includes('loss-scale'))).toEqual([]);
  });

  it('turn a precision off that a record has on', () => {
    expect(optionsOfValues({ amp: false }, 'name')).toEqual({ precision: 'float32' });
    expect(optionsOfValues({ tf32: false, amp: true }, 'name')).toEqual({ precision: 'mixed' });
    expect(optionsOfValues({ tf32: true, amp: false }, 'name')).toEqual({ precision: 'tf32' });
  });

  it('say of steps given in code what they are, and nothing of a recipe', () => {
    const steps = [randomResizedCrop(32), autoAugment()];
    const values = settingValues(completeOptions({ data: 'photos', steps }), 'flag', 'decides');
    expect(values['steps']).toMatchObject([{ name: 'randomResizedCrop' }, { name: 'autoAugment' }]);
    expect(values).not.toHaveProperty('augmentation');
    expect(values).not.toHaveProperty('mixup');
  });

  it('say nothing of data to evaluate on that were given in code, nor of a share of none', () => {
    const image = { data: new Uint8Array(3), width: 1, height: 1 };
    const options = { data: 'photos', evaluation: { data: images([{ image }]) }, valShare: 0 };
    const values = settingValues(completeOptions(options), 'name');
    expect([values['valData'], values['valSplit']]).toEqual([undefined, undefined]);
  });

  it('count the share for val among what decides weights and stream', () => {
    const options = completeOptions({ data: 'photos', valShare: 0.1 });
    for (const which of ['decides', 'shapesStream'] as const)
      expect(settingValues(options, 'flag', which)).toMatchObject({ 'val-split': 0.1 });
    expect(settingValues({ evaluation: { data: 'v' } }, 'flag', 'decides')).not.toHaveProperty('val-data');
  });

  it('say of parts that they decide weights and stream, and nothing where there is one', () => {
    const valuesOf = (parts: number, which: 'decides' | 'shapesStream') =>
      settingValues(completeOptions({ data: 'photos', parts }), 'flag', which)['parts'];
    for (const which of ['decides', 'shapesStream'] as const)
      expect([1, 4].map((parts) => valuesOf(parts, which))).toEqual([undefined, 4]);
    const waiting = settingValues({ rankTimeoutMs: 5000 }, 'flag');
    expect(waiting).toMatchObject({ 'rank-timeout': 5 });
    expect(settingValues({ rankTimeoutMs: 5000 }, 'flag', 'decides')).not.toHaveProperty('rank-timeout');
  });

  it('pass over what is no setting', () => {
    expect(optionsOfValues({ quiet: true, printFreq: 20, nothing: 1, seed: 3 }, 'name')).toEqual({
      stream: { seed: 3 },
    });
  });
});

describe('preset', () => {
  it('is NVIDIA’s configuration as options', () => {
    expect(preset('efficientnet-b4')).toMatchObject({
      model: { variant: 'b4' },
      rowsPerUpdate: 4096,
      schedule: { epochs: 400, base: 0.16, warmup: 16, schedule: 'cosine' },
      optimizer: { optimizer: 'rmsprop', weightDecay: 5e-6, rmspropEpsilon: 0.01 },
      recipe: { mixup: 0.2, augmentation: 'autoaugment', interpolation: 'bicubic' },
      stream: { batchSize: 16 },
    });
  });

  it('has more rows and a loss scale in mixed precision, as NVIDIA’s AMP configuration', () => {
    const options = completeOptions({ data: 'photos', preset: 'efficientnet-b4', precision: 'mixed' });
    expect(options).toMatchObject({
      ...{ rowsPerUpdate: 4096, stream: { batchSize: 32 }, schedule: { base: 0.16 } },
      lossScaling: { initial: 128, growthInterval: Number.POSITIVE_INFINITY },
    });
    const given = { lossScaling: { initial: 8 }, stream: { batchSize: 4 } };
    const own = completeOptions({ data: 'photos', preset: 'efficientnet-b4', precision: 'mixed', ...given });
    expect(own).toMatchObject(given);
    expect(completeOptions({ data: 'photos', preset: 'efficientnet-b4' }).lossScaling).toBe(undefined);
  });

  it('is what options are filled up from, one by one', () => {
    const options = completeOptions({
      ...{ data: 'photos', preset: 'efficientnet-b4' },
      recipe: { imageSize: 64 },
      schedule: { epochs: 3 },
    });
    expect(options.recipe).toMatchObject({ imageSize: 64, mixup: 0.2, interpolation: 'bicubic' });
    expect(options.schedule).toMatchObject({ epochs: 3, base: 0.16, warmup: 16 });
    expect(options).toMatchObject({ rowsPerUpdate: 4096, model: { variant: 'b4' }, trainer: 'graph' });
  });

  it('is named where there is none of that name', () => {
    const known = Object.keys(presets).join(', ');
    expect(() => preset('resnet50' as 'efficientnet-b0')).toThrow(
      `preset must be one of ${known}, got resnet50`,
    );
  });
});
