import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  type ApplyOptions,
  applyOperators,
  centerCrop,
  type ImageItem,
  images,
  live,
  mixup,
  normalize,
  ParameterError,
  type PipelineOptions,
  pipeline,
} from '../../../../src/index.ts';
import { patternImage, patternItems } from '../../../support/raw-images.ts';

const dataset = images(patternItems(10));
const build = (options: object) => () => pipeline(dataset, options as PipelineOptions);
const bad: Record<string, readonly unknown[]> = {
  batchSize: [Number.NaN, -1, 0, 0.5, Number.POSITIVE_INFINITY, '4'],
  workers: [Number.NaN, -1, 0.5, 1025, '4'],
  seed: [Number.NaN, -1, 0.5, 2 ** 53, '4'],
  epochs: [Number.NaN, -1, 0, 0.5, 2 ** 32, '4'],
  prefetch: [Number.NaN, -1, 0, 0.5, 1025, '4'],
  worldSize: [Number.NaN, 0, -1, 0.5, '4'],
  rank: [Number.NaN, -1, 1, 0.5, '0'],
  repeats: [Number.NaN, 0, -1, 0.5, 65_537, '4'],
  views: [Number.NaN, 0, -1, 0.5, 65_537, '4'],
  chunkRows: [Number.NaN, 0, -1, 0.5, '4'],
  sampleTimeoutMs: [Number.NaN, 0, -1, '60'],
  shuffle: ['no', 0],
  dropLast: ['no', 0],
  recordDraws: ['no', 0],
  digest: ['no', 0],
  onError: ['skip', 0],
  gpuAdapter: [0, '', {}],
  quarantine: [0, '', {}],
  maxBad: [Number.NaN, -1, '-1%', 'few', '%', '1', {}],
};

describe('pipeline options', () => {
  it.each(Object.entries(bad).flatMap(([name, values]) => values.map((value) => [name, value] as const)))(
    '%s: %s is refused by name, when the pipeline is built',
    (name, value) => {
      expect(build({ [name]: value })).toThrow(ParameterError);
      expect(build({ [name]: value })).toThrow(name);
    },
  );

  it('names both ends of the range where the value is too large', () => {
    expect(build({ seed: 2 ** 53 })).toThrow('an integer 0..9007199254740991, got 9007199254740992');
    expect(build({ seed: -1 })).toThrow('an integer >= 0, got -1');
  });

  it('refuses a place to start that is none', () => {
    expect(build({ start: { epoch: -1, batch: 0 } })).toThrow('start.epoch');
    expect(build({ start: { epoch: 0, batch: 1.5 } })).toThrow('start.batch');
    for (const digest of [5, 'zz'])
      expect(build({ start: { epoch: 0, batch: 1, digest } })).toThrow(
        `64 hexadecimal digits, or '', got ${digest}`,
      );
  });

  it('refuses an unknown option and lists the known ones', () => {
    expect(build({ batchsize: 4 })).toThrow(/unknown option 'batchsize' \(known: batchSize, /);
  });

  it('names the backends that there are', () => {
    expect(build({ backend: 'cuda' })).toThrow(
      /cpu, reference, synthetic, gpu, pytorch, dali-cpu, dali-gpu, got 'cuda'/,
    );
    expect(build({ backend: 'constructor' })).toThrow("got 'constructor'");
    expect(build({ backend: 'dali-gpu' })).not.toThrow();
    expect(build({ backend: 'dali-cpu' })).not.toThrow();
  });

  it('refuses a GPU where the backend uses none', () => {
    expect(build({ backend: 'gpu', gpuAdapter: '0' })).not.toThrow();
    for (const backend of ['cpu', 'dali-cpu', 'reference', 'synthetic', undefined])
      expect(build({ ...(backend && { backend }), gpuAdapter: '0' })).toThrow(
        /gpuAdapter chooses the GPU of the data backend gpu, got "0", but the data backend \w+ uses none/,
      );
  });

  it('refuses a batch that no epoch would fill where dropLast is set', () => {
    expect(build({ batchSize: 11, dropLast: true })).toThrow('a batch size of 11');
    expect(build({ batchSize: 11 })).not.toThrow();
  });

  it('refuses a dataset without samples', () => {
    expect(() => pipeline({ ...dataset, length: 0 })).toThrow('length must be an integer >= 1, got 0');
  });

  it('refuses pairs that would lie on two ranks', () => {
    const odd = pipeline(dataset, { batchSize: 3, worldSize: 2 });
    expect(() => odd.pipe(mixup(0.2))).toThrow('mixup: batchSize must be even');
    expect(() => pipeline(dataset, { batchSize: 3 }).pipe(mixup(0.2))).not.toThrow();
  });

  it.each<[PipelineOptions, string]>([
    [
      { batchSize: 6, repeats: 4 },
      'batchSize must make global batches of a multiple of repeats, 4 rows, got 6 (--ra-reps, --batch-size)',
    ],
    [{ batchSize: 3, worldSize: 2, repeats: 4 }, 'of repeats, 4 rows, got 3 x 2 ranks'],
    [{ batchSize: 6, views: 4 }, 'batchSize must be a multiple of views, 4 rows, got 6'],
    [
      { batchSize: 4, worldSize: 2, views: 4 },
      'a multiple of twice the views, so that ranks part no sample, 8',
    ],
    [{ batchSize: 8, repeats: 2, views: 4 }, 'repeats and views both ask for several rows of a sample'],
  ])('refuses batches that would have a part of a sample’s rows: %o', (options, message) => {
    expect(build(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    expect(build(options)).toThrow(message);
  });

  it('takes batches that have all rows of their samples', () => {
    for (const options of [
      { batchSize: 2, worldSize: 2, repeats: 4 },
      { batchSize: 4, views: 4 },
      { batchSize: 8, worldSize: 2, views: 4 },
    ])
      expect(build(options)).not.toThrow();
  });

  it('refuses batches of one sample whose rows could be mixed with themselves alone', () => {
    const single = pipeline(dataset, { batchSize: 4, repeats: 4 });
    expect(() => single.pipe(mixup(0.2))).toThrow(
      'mixup: a batch must have other samples to mix with than the 4 repeats (--ra-reps) of one, got 4 rows',
    );
    expect(() => pipeline(dataset, { batchSize: 4, views: 4 }).pipe(mixup(0.2))).toThrow(
      'mixup: a batch must have other samples to mix with than the 4 views of one, got 4 rows',
    );
    expect(() => pipeline(dataset, { batchSize: 8, repeats: 4 }).pipe(mixup(0.2))).not.toThrow();
  });

  it('takes a dataset that has a method open for a dataset', () => {
    expect(pipeline({ ...dataset, open: () => {} } as typeof dataset).explain()).toContain('10 samples');
  });

  it.each<[PipelineOptions, string]>([
    [{ batchSize: 9 }, 'live(error, 8): capacity 8 is smaller than batchSize 9'],
    [{ onError: 'substitute' }, 'live(error, 8): onError asks for samples to take stand-ins from'],
    [{ epochs: 2 }, 'epochs asks for 2 passes over the samples'],
    [
      { epochs: Number.POSITIVE_INFINITY },
      'epochs asks for Infinity passes over the samples, which a live source does not have, got Infinity',
    ],
    [{ shuffle: true }, 'shuffle asks for an order'],
    [{ rank: 1, worldSize: 2 }, 'worldSize asks for an order that all ranks know'],
    [{ repeats: 2 }, 'repeats asks for samples that can be read again'],
    [{ views: 2 }, 'views asks for samples that can be read again'],
    [{ start: { epoch: 0, batch: 7 } }, 'start asks for samples that can be read again'],
  ])('refuses with a live source what it cannot do: %o', (options, message) => {
    const source = live([], { overflow: 'error', capacity: 8 });
    expect(() => pipeline(source, { batchSize: 8, ...options })).toThrow(message);
  });

  it('takes for a live source what changes nothing', () => {
    const source = live([], { overflow: 'error', capacity: 8 });
    const start = { epoch: 0, batch: 0 };
    const options = { batchSize: 8, epochs: 1, shuffle: false, worldSize: 1, start } as const;
    expect(pipeline(source, options).explain()).toContain('in order of arrival');
  });

  it('says what was too large where memory is short', async () => {
    const huge = pipeline(dataset, { batchSize: 2 ** 40, workers: 0 }).pipe(centerCrop(8), normalize());
    await expect(huge[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      name: 'BackendError',
      code: 'OUT_OF_MEMORY',
      message: expect.stringContaining('lower batchSize'),
    });
  });

  it('does not subscribe to a live source for which memory is short', async () => {
    const source = new Observable<ImageItem>(() => expect.fail('subscribed'));
    const camera = live(source, { overflow: 'error', capacity: 2 ** 40 });
    const huge = pipeline(camera, { batchSize: 2 ** 40, workers: 0 }).pipe(centerCrop(8));
    await expect(huge[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'OUT_OF_MEMORY' });
  });
});

describe('the options of applyOperators', () => {
  it.each([
    ['backend', 'cuda'],
    ['backend', 'synthetic'],
    ['seed', -1],
    ['seed', Number.NaN],
    ['epoch', 0.5],
    ['sampleId', '3'],
    ['occurrence', 2 ** 32],
  ])('%s: %s is refused by name', async (name, value) => {
    const options = { [name]: value } as ApplyOptions;
    const applied = applyOperators(patternImage(0, 4, 4), [], options);
    await expect(applied).rejects.toThrow(ParameterError);
    await expect(applied).rejects.toThrow(name);
  });
});
