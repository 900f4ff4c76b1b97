import { expect, it } from 'vitest';
import type { Terminal } from '../../../src/cli/terminal.ts';
import { type PrintingOptions, TrainingPrinter } from '../../../src/cli/training-printer.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import type { Bottleneck } from '../../../src/engine/run/bottleneck.ts';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import type { Quantization } from '../../../src/quantization/quantization.ts';
import type { TrainingEvent, TrainingStart } from '../../../src/training/training-event.ts';

const image = { data: new Uint8Array(3), width: 1, height: 1 };
const speed = {
  ...{ images: 8, imagesPerSecond: 644, computeImagesPerSecond: 650 },
  ...{ dataSeconds: 0, computeSeconds: 1, waitingShare: 0.001 },
};
const learning = { loss: 1.4267, learningRate: 0.03200001 };
const consumerBound: Bottleneck = {
  ...{ limit: 'consumer', deviceBusy: 0, threadsBusy: 0.4, waiting: 0.001, callingThreadBusy: 0.9 },
  ...{ parts: { read: 0, draw: 0, decode: 1, transform: 0, finish: 0, other: 0 }, cores: 2, idleCores: 1 },
  ...{ gainOfOneMore: 0, pixelsPerImage: 2e5, gainOfSmallerImages: 0 },
};
const decodeBound: Bottleneck = { ...consumerBound, limit: 'threads', threadsBusy: 1, waiting: 0.5 };

function start(classes: number, more: Partial<TrainingStart> = {}): TrainingEvent {
  return {
    type: 'start',
    dataset: images([{ image, label: 0 }]),
    model: efficientNet({ variant: 'nano', classes }),
    ...{
      workspace: 'runs/a',
      batchSize: 1,
      parts: 1,
      ranks: 1,
      firstStep: 0,
      steps: 40,
      epochs: 20,
      batchesPerEpoch: 2,
    },
    ...{ firstBatch: 0, quarantine: undefined, gpu: undefined, notEvaluated: undefined },
    ...{ precision: 'float32', quantization: undefined, environment: undefined, ...more },
    files: { metrics: 'runs/a/metrics.jsonl' } as never,
  };
}
const step = (number: number): TrainingEvent => ({
  type: 'step',
  ...{ step: number, epoch: Math.floor(number / 2), ...learning, ...speed },
});
const epoch = (number: number, limits = consumerBound): TrainingEvent => ({
  type: 'epoch',
  ...{ epoch: number, limits, streamDigest: undefined, ...learning, ...speed },
});
const evaluation = (number: number, name: 'val' | 'val_ema' = 'val'): TrainingEvent => ({
  type: 'evaluation',
  ...{ epoch: number, name, top1: 0.612, top5: 0.9, loss: 1.2134, images: 8 },
  ...{ speed: { ...speed, latencies: [] }, confusion: undefined },
  badSamples: { badSamples: 0, substitutions: 0 },
});
const saved = (number: number): TrainingEvent => ({
  type: 'checkpoint',
  ...{ path: 'runs/a/checkpoint.safetensors', step: 2 * number + 2, epoch: number, isBest: true },
});

/** What is printed of a training with so many classes, but for its first line. */
function printed(events: readonly TrainingEvent[], options: PrintingOptions = {}, classes = 3): string[] {
  const lines: string[] = [];
  const log = (line: string) => void lines.push(line);
  const terminal: Terminal = {
    data: log,
    log,
    progress: (total, label, every = Number.POSITIVE_INFINITY) => ({
      update: (done, message) => void (done % every === 0 && log(`${label} ${done}/${total} | ${message}`)),
      log,
      stop() {},
    }),
  };
  const printer = new TrainingPrinter(terminal, options);
  for (const event of [start(classes), ...events]) printer.print(event);
  printer.stop();
  return lines.slice(1);
}

it('says of an epoch in one line how it went, once it has been evaluated', () => {
  const events = [step(4), step(5), epoch(2), evaluation(2)];
  const line =
    'epoch 3/20 | loss 1.43 | lr 0.032 | val top-1 61.2 %, loss 1.21 | 644 images/s | waited 0.1 % for data';
  expect(printed([...events, saved(2)])).toEqual([line, 'checkpoint: runs/a/checkpoint.safetensors']);
  // a trainer without weights saves nothing, and one that is interrupted may not either
  expect(printed(events)).toEqual([line]);
  expect(printed([...events, step(6)])).toEqual([line]);
});

it('leaves out the evaluation where there was none', () => {
  expect(printed([epoch(2)])).toEqual([
    'epoch 3/20 | loss 1.43 | lr 0.032 | 644 images/s | waited 0.1 % for data',
  ]);
});

it('shows an evaluation alone where this run made no step of the epoch', () => {
  expect(printed([evaluation(2)])).toEqual(['epoch 3/20 | val top-1 61.2 %, loss 1.21']);
});

it('shows the averaged weights beside the others, and top-5 of more than five classes', () => {
  const [line] = printed([epoch(0), evaluation(0), evaluation(0, 'val_ema')], {}, 6);
  const figures = 'top-1 61.2 %, top-5 90.0 %, loss 1.21';
  expect(line).toContain(`| val ${figures} | averaged weights ${figures} |`);
  expect(printed([epoch(0), evaluation(0)], {}, 5)[0]).not.toContain('top-5');
});

it('prints lines within an epoch as often as it is asked for', () => {
  const lines = printed([step(0), step(1), epoch(0), step(2), step(3)], { printFreq: 2 });
  const message = 'loss 1.43 | lr 0.032 | 644 images/s | waited 0.1 % for data';
  expect(lines).toEqual(
    ['epoch 1/20 2/2', 'epoch 1/20', 'epoch 2/20 2/2'].map((name) => `${name} | ${message}`),
  );
});

it('says once that data limit, until something else does', () => {
  const limit =
    'data limit training, decode-bound: threads were busy 100.0 % of the time, 100.0 % of it in decode';
  const limits = [decodeBound, decodeBound, consumerBound, decodeBound];
  const lines = printed(limits.flatMap((each, i) => [epoch(i, each), saved(i)]));
  expect(lines.map((line) => (line === limit ? 'limit' : line.slice(0, 7)))).toEqual([
    ...['epoch 1', 'limit', 'epoch 2', 'epoch 3', 'epoch 4', 'limit', 'checkpo'],
  ]);
});

it('says once what to do about large images', () => {
  const large = { ...decodeBound, pixelsPerImage: 12e6, gainOfSmallerImages: 5 };
  const lines = printed([large, consumerBound, large].flatMap((each, i) => [epoch(i, each), saved(i)]));
  expect(lines.filter((line) => line.startsWith('the images are large'))).toEqual([
    expect.stringContaining(
      'about 6 times as many images/s: millrace import <folder> <store> --max-side 512',
    ),
  ]);
});

it('shows only epochs that were evaluated where that is asked for', () => {
  const events = [epoch(0), saved(0), epoch(1), evaluation(1), saved(1), epoch(2), saved(2)];
  const lines = printed(events, { onlyEvaluated: true });
  expect(lines.map((line) => line.slice(0, 10))).toEqual(['epoch 2/20', 'checkpoint']);
});

it('says of mixed precision in what it computes, and how its loss scale stands', () => {
  const environment = { adapter: 'llvmpipe', tier: 'packed' };
  const scaled = (event: TrainingEvent, skipped: number): TrainingEvent =>
    ({ ...event, lossScale: { scale: 64, skipped, isSkipped: false } }) as TrainingEvent;
  const lines = printed([
    start(3, { precision: 'mixed', environment }),
    ...[step(0), step(1), scaled(epoch(0), 0), evaluation(0), saved(0)],
    ...[step(2), step(3), scaled(epoch(1), 1), evaluation(1), saved(1)],
    ...[step(4), step(5), scaled(epoch(2), 12), evaluation(2), saved(2)],
  ]);
  expect(lines).toContain('trainer: precision mixed, adapter llvmpipe, tier packed');
  const scales = lines.flatMap((line) => /\| (loss scale [^|]*) \|/.exec(line)?.[1] ?? []);
  expect(scales).toEqual([
    'loss scale 64',
    'loss scale 64, 1 update skipped',
    'loss scale 64, 12 updates skipped',
  ]);
  expect(printed([]).join()).not.toContain('trainer: ');
});

it('tells of the first, the tenth and the hundredth update that is skipped', () => {
  const skipped = Array.from({ length: 150 }, (_, i): TrainingEvent => {
    const lossScale = { scale: 0.5, skipped: i + 3, isSkipped: true };
    return { ...step(2 * i), lossScale } as TrainingEvent;
  });
  const between = { ...step(1), lossScale: { scale: 0.5, skipped: 2, isSkipped: false } } as TrainingEvent;
  const lines = printed([between, ...skipped]).filter((line) => line.includes('skipped'));
  expect(lines).toEqual(
    [
      [0, 3],
      [18, 12],
      [198, 102],
    ].map(
      ([at, count]) =>
        `step ${at}: the update was skipped (${count} so far), since a gradient was no finite number: the loss scale is now 0.5`,
    ),
  );
});

it('says how a model is quantised', () => {
  const quantization: Quantization = {
    ...{ placement: 'onnxruntime' as const, method: 'percentile' as const, percentile: 99.99 },
    ...{ batches: 11, batchSize: 32, digest: 'd' },
  };
  const calibrations = [1, 11].map((done) => ({ type: 'calibration' as const, done, total: 11 }));
  expect(printed([...calibrations, start(2, { quantization })])).toContain(
    'quantised for onnxruntime: ranges by 11 batches of 32 images, percentile 99.99',
  );
});

it('says how a step is shared', () => {
  const lineOf = (more: Partial<TrainingStart>) => {
    const lines: string[] = [];
    const log = (line: string) => void lines.push(line);
    const terminal = { data: log, log } as Terminal;
    new TrainingPrinter(terminal).print(start(3, more));
    return lines.find((line) => line.includes('parts'));
  };
  expect(lineOf({ batchSize: 8 })).toBeUndefined();
  expect(lineOf({ batchSize: 8, parts: 4 })).toBe('a step is the sum of 4 parts of 2 images, on one rank');
  expect(lineOf({ batchSize: 8, parts: 4, ranks: 2 })).toBe(
    '2 ranks: a step is the sum of 4 parts of 2 images',
  );
});
