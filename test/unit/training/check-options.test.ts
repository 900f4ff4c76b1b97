import { describe, expect, it } from 'vitest';
import {
  type ClassifyOptions,
  classify,
  type EvaluateOptions,
  evaluate,
  images,
  live,
  ParameterError,
  type PreviewOptions,
  pipeline,
  type ReportOptions,
  randomResizedCrop,
  renderPreview,
  type TrainOptions,
  train,
  writeReport,
} from '../../../src/index.ts';
import { folderOf } from '../../support/folders.ts';
import { patternItems } from '../../support/raw-images.ts';

const data = images(patternItems(4));
const trainWrongly = (options: object | undefined) => () => train(options as TrainOptions);

describe('train', () => {
  it.each([
    {
      wrong: undefined,
      message: 'train: options must be an object { data, exclude, stream, ... }, got undefined',
    },
    {
      wrong: 'photos',
      message: "train: options must be an object { data, exclude, stream, ... }, got 'photos'",
    },
    {
      wrong: {},
      message: "train: data must be a path, or a dataset such as imageFolder('photos'), got undefined",
    },
    { wrong: { data, epochs: 3 }, message: "train: unknown option 'epochs' (known: data, " },
    {
      wrong: { data, schedule: { lr: 1 } },
      message: "train: schedule: unknown option 'lr' (known: schedule, base",
    },
    { wrong: { data, schedule: 3 }, message: 'train: schedule must be an object of options: schedule, base' },
    { wrong: { data, recipe: null }, message: 'train: recipe must be an object of options: imageSize' },
    {
      wrong: { data, evaluation: true },
      message: 'train: evaluation must be an object of options: data, every',
    },
    {
      wrong: { data, ranks: 4 },
      message: 'train: ranks must be processes that train together: an object with gather() and sum(), got 4',
    },
    { wrong: { data, parts: 3 }, message: 'train: parts must be a power of two, got 3' },
    { wrong: { data, valShare: 1.5 }, message: 'train: valShare must be 0..1, got 1.5' },
    {
      wrong: { data, valShare: 0.1, evaluation: { data } },
      message: 'valShare (--val-split) and evaluation.data (--val-data) both say what val is: leave one out',
    },
    {
      wrong: { data, schedule: { epochs: 0 } },
      message: 'train: schedule.epochs must be an integer >= 1, got 0',
    },
    {
      wrong: { data, schedule: { base: Number.NaN } },
      message: 'train: schedule.base must be a number of 0 or more',
    },
    {
      wrong: { data, optimizer: { momentum: 1.5 } },
      message: 'train: optimizer.momentum must be 0..1, got 1.5',
    },
    {
      wrong: { data, optimizer: { optimizer: 'adam' } },
      message: "optimizer must be one of sgd, rmsprop, got 'adam'",
    },
    { wrong: { data, optimizer: { nesterov: 'yes' } }, message: "nesterov must be true or false, got 'yes'" },
    {
      wrong: { data, recipe: { augmentation: 'auto' } },
      message: "must be one of none, autoaugment, got 'auto'",
    },
    {
      wrong: { data, recipe: { imageSize: '8' } },
      message: "recipe.imageSize must be a number, got '8'",
    },
    {
      wrong: { data, recipe: { cropScale: 0.5 } },
      message: 'recipe.cropScale must be a pair [low, high], got 0.5',
    },
    {
      wrong: { data, precision: 'fp16' },
      message: "precision must be one of float32, tf32, mixed, got 'fp16'",
    },
    { wrong: { data, device: 'npu' }, message: "device must be one of auto, gpu, cpu, got 'npu'" },
    {
      wrong: { data, lossScaling: { initial: 0 } },
      message: 'train: lossScaling.initial must be a number above 0, from 2^-126 to 2^127, got 0',
    },
    { wrong: { data, lossScaling: { initial: 1e39 } }, message: 'from 2^-126 to 2^127, got 1e+39' },
    { wrong: { data, lossScaling: { initial: 1e-39 } }, message: 'from 2^-126 to 2^127, got 1e-39' },
    { wrong: { data, lossScaling: { initial: Number.NaN } }, message: 'from 2^-126 to 2^127, got NaN' },
    {
      wrong: { data, lossScaling: { growthInterval: 1.5 } },
      message: 'lossScaling.growthInterval must be an integer >= 1, or Infinity (never), got 1.5',
    },
    { wrong: { data, exclude: 'q.jsonl' }, message: "exclude must be a list of paths, got 'q.jsonl'" },
    { wrong: { data, report: 'r.html' }, message: "report must be true or false, got 'r.html'" },
    { wrong: { data, signal: 'stop' }, message: "signal must be an AbortSignal, got 'stop'" },
    { wrong: { data, onMetrics: 5 }, message: 'onMetrics must be a function, got 5' },
    {
      wrong: { data, trainer: () => {} },
      message: 'trainer must be a name or an object, got [Function: trainer]',
    },
    { wrong: { data, steps: randomResizedCrop(8) }, message: 'steps must be a list of steps such as [' },
    { wrong: { data, steps: [randomResizedCrop] }, message: 'steps must be a list of steps such as [' },
    {
      wrong: { data, steps: [randomResizedCrop(8)], recipe: { mixup: 0.2 } },
      message: 'train: steps say what is done to images: recipe.mixup must be left out',
    },
    { wrong: { data: patternItems(3) }, message: 'train: data must be a path, or a dataset such as' },
    { wrong: { data: pipeline(data) }, message: 'train: data must be a path, or a dataset such as' },
    {
      wrong: { data: live([], { overflow: 'error' }) },
      message: 'train: data must be a path, or a dataset such as',
    },
  ])('refuses at once: $message', ({ wrong, message }) => {
    expect(trainWrongly(wrong as object)).toThrow(ParameterError);
    expect(trainWrongly(wrong as object)).toThrow(message);
  });

  it('takes options that are undefined as left out', () => {
    const options: TrainOptions = { data, workspace: undefined, signal: undefined, exclude: undefined };
    expect(trainWrongly(options)).not.toThrow();
    expect(
      trainWrongly({ data, schedule: undefined, evaluation: undefined, report: undefined }),
    ).not.toThrow();
  });

  it('refuses a loss scale where nothing is scaled', async () => {
    const training = train({ data, lossScaling: { initial: 8 }, workspace: folderOf() });
    await expect(training.result).rejects.toThrow(
      'train: lossScaling (--static-loss-scale, --dynamic-loss-scale) is for precision mixed (--amp), got precision float32',
    );
  });

  it('says what an object lacks that is given as a trainer', async () => {
    const training = train({ data, trainer: { name: 'half' } as never, workspace: folderOf() });
    await expect(training.result).rejects.toMatchObject({
      code: 'NOT_A_TRAINER',
      message:
        'trainer: expected a trainer, got an object with no prepare, trainStep, evaluateStep, state, load, close',
    });
  });

  it('says so where no image has a label', async () => {
    const unlabelled = images(patternItems(4).map(({ image }) => ({ image })));
    const training = train({ data: unlabelled, trainer: 'none', workspace: folderOf() });
    await expect(training.result).rejects.toMatchObject({
      code: 'NO_LABELS',
      message: 'images(4): no image has a label, so there is nothing to learn',
    });
  });
});

describe('the other functions with options', () => {
  const evaluateWrongly = (options: object) => evaluate(options as EvaluateOptions);
  const classifyWrongly = (options: object) => classify(options as ClassifyOptions).next();
  const previewWrongly = (options: object) => renderPreview(options as PreviewOptions);
  const reportWrongly = (options: object) => writeReport('run', options as ReportOptions);

  it.each([
    [evaluateWrongly, { data }, 'evaluate: checkpoint must be a text, got undefined'],
    [evaluateWrongly, { checkpoint: 'c', data, batchSize: 3 }, "evaluate: unknown option 'batchSize'"],
    [
      evaluateWrongly,
      { checkpoint: 'c', data, stream: { size: 3 } },
      "evaluate: stream: unknown option 'size'",
    ],
    [
      classifyWrongly,
      { images: 'cat.jpg', weights: 'w' },
      "classify: images must be a list of paths, got 'cat.jpg'",
    ],
    [classifyWrongly, { images: ['cat.jpg'], weight: 'w' }, "classify: unknown option 'weight'"],
    [
      classifyWrongly,
      { images: ['cat.jpg'], weights: 'w', guesses: 0 },
      'guesses must be an integer >= 1, got 0',
    ],
    [previewWrongly, { data, sample: 3 }, "renderPreview: unknown option 'sample'"],
    [previewWrongly, { data, recipe: { size: 8 } }, "renderPreview: recipe: unknown option 'size'"],
    [previewWrongly, { data, stream: { size: 8 } }, "renderPreview: stream: unknown option 'size'"],
    [reportWrongly, { output: 'r.html' }, "writeReport: unknown option 'output' (known: metricsFile, out)"],
  ])('refuse what they do not know: %#', async (call, options, message) => {
    const error = await Promise.resolve(call(options)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ParameterError);
    expect((error as Error).message).toContain(message);
  });
});
