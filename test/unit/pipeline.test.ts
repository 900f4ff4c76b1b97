import { bufferCount, map, type Observable } from 'rxjs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { describeStep } from '../../src/core/step.ts';
import {
  applyOperators,
  autoAugment,
  type Batch,
  centerCrop,
  cutmix,
  decode,
  erase,
  images,
  live,
  mixup,
  normalize,
  type Pipeline,
  pipeline,
  randomHorizontalFlip,
  randomResizedCrop,
  type Step,
} from '../../src/index.ts';
import { patternImage, patternItems } from '../support/raw-images.ts';
import { collect, contents } from '../support/streams.ts';

const dataset = images(patternItems(8));
const source = pipeline(dataset, { batchSize: 4, workers: 0 });
const square = images(Array.from({ length: 8 }, (_, i) => ({ image: patternImage(i, 8, 8), label: i })));

describe('the types of pipe', () => {
  it('are a Pipeline after steps, and what RxJS says after its operators', () => {
    const labels = source.pipe(
      autoAugment(),
      mixup(0.2),
      map((batch) => batch.labels),
      bufferCount(4),
    );
    expectTypeOf(labels).toEqualTypeOf<Observable<Int32Array[]>>();
    expectTypeOf(source.pipe(randomResizedCrop(8), normalize())).toEqualTypeOf<Pipeline>();
    expectTypeOf(source.pipe()).toEqualTypeOf<Pipeline>();
    const steps: Step[] = [randomResizedCrop(8)];
    expectTypeOf(source.pipe(...steps)).toEqualTypeOf<Pipeline>();
    expectTypeOf(source.pipe(map((batch) => batch.index))).toEqualTypeOf<Observable<number>>();
    const count = map((batch: Batch) => batch.index);
    const next = map((index: number) => index + 1);
    expectTypeOf(source.pipe(count, next, next, next, next, next, next)).toEqualTypeOf<Observable<number>>();
    const long = source.pipe(count, next, next, next, next, next, next, map(String));
    expectTypeOf(long).toEqualTypeOf<Observable<unknown>>();
    expectTypeOf(source).toExtend<AsyncIterable<Batch>>();
    expectTypeOf(source).toExtend<Observable<Batch>>();
    // @ts-expect-error: labels are not numbers
    source.pipe(map((batch: number) => batch));
  });
});

describe('pipe', () => {
  it.each([
    [
      'an image step after mixup',
      [mixup(0.2), autoAugment()],
      'autoAugment: cannot stand after mixup: it must come before mixup',
    ],
    [
      'an image step after normalize',
      [normalize(), randomHorizontalFlip()],
      'randomHorizontalFlip: cannot stand after normalize',
    ],
    [
      'decode after an image step',
      [randomResizedCrop(8), decode()],
      'decode: cannot stand after randomResizedCrop',
    ],
    [
      'normalize twice',
      [normalize(), normalize()],
      'normalize: cannot stand after normalize: there is one already',
    ],
    ['decode twice', [decode(), decode()], 'decode: cannot stand after decode: there is one already'],
    ['mixup twice', [mixup(0.2), mixup(0.1)], 'mixup: cannot stand after mixup: there is one already'],
    ['normalize after mixup', [mixup(0.2), normalize()], 'normalize: cannot stand after mixup'],
    ['erase twice', [erase(), erase()], 'erase: cannot stand after erase: there is one already (erase)'],
    [
      'another batch step, whatever stands between',
      [mixup(0.2), erase(), cutmix()],
      'cutmix: cannot stand after erase: there is one already (mixup)',
    ],
    [
      'an image step after erase',
      [erase(), randomHorizontalFlip()],
      'randomHorizontalFlip: cannot stand after erase: it must come before erase',
    ],
    ['two mixes', [cutmix(), mixup(0.2)], 'mixup: cannot stand after cutmix: there is one already (cutmix)'],
    ['erase before a crop', [erase(), randomResizedCrop(8)], 'randomResizedCrop: cannot stand after erase'],
    [
      'erase twice before the mix',
      [erase(), erase(), mixup(0.2)],
      'erase: cannot stand after erase: there is one already (erase)',
    ],
    [
      'erase twice after it',
      [erase(), mixup(0.2), erase(), erase()],
      'erase: cannot stand after erase: there is one already (erase)',
    ],
  ])('refuses %s at once, naming the step', (_, steps, message) => {
    expect(() => source.pipe(...steps)).toThrow(
      expect.objectContaining({ name: 'ParameterError', code: 'WRONG_ORDER' }),
    );
    expect(() => source.pipe(...steps)).toThrow(message);
    expect(() => steps.reduce((stream, step) => stream.pipe(step), source)).toThrow(message);
  });

  it.each([mixup(0.2), erase()])('is where alone rows are mixed and erased (%#)', async (step) => {
    const { name } = step[describeStep];
    for (const steps of [[step], [normalize(), step]])
      await expect(applyOperators(patternImage(0, 8, 8), steps as never)).rejects.toMatchObject({
        code: 'WRONG_ORDER',
        message: `applyOperators: ${name} works in a pipeline only`,
      });
  });

  it('refuses a step after an RxJS operator', () => {
    const late = () =>
      source.pipe(
        map((batch) => batch),
        autoAugment(),
      );
    expect(late).toThrow('autoAugment: works on a pipeline only; put it before RxJS operators');
  });

  it('refuses what is no operator', () => {
    expect(() => source.pipe('autoAugment' as unknown as Step)).toThrow(
      'expected a step such as autoAugment()',
    );
    for (const maker of [autoAugment, mixup, erase] as unknown as Step[])
      expect(() => source.pipe(maker)).toThrow(
        expect.objectContaining({
          code: 'NOT_AN_OPERATOR',
          message: `${maker.name}: makes a step, and was not called: pipe(${maker.name}(...))`,
        }),
      );
  });

  it('makes a new pipeline and leaves the old one as it was', () => {
    const longer = source.pipe(randomResizedCrop(8));
    expect(longer).not.toBe(source);
    expect(source.explain()).not.toContain('randomResizedCrop');
    expect(source.pipe().explain()).toBe(source.explain());
  });
});

describe('a pipeline', () => {
  it('is complete with autoAugment and mixup alone: decode and normalize are implied', async () => {
    const options = { batchSize: 4, workers: 0, seed: 3 };
    const short = pipeline(square, options).pipe(autoAugment(), mixup(0.2));
    const long = pipeline(square, options).pipe(decode(), autoAugment(), normalize(), mixup(0.2));
    const [batches, same] = [await collect(short), await collect(long)];
    expect(contents(batches)).toEqual(contents(same));
    expect(batches[0]).toMatchObject({ shape: [4, 8, 8, 3], dtype: 'float16', layout: 'nhwc' });
    expect(short.digest).toBe(long.digest);
  });

  it('names the sample and the step to add where images of another size reach a batch', async () => {
    const mixed = [...square.classes.keys()].map((i) => ({
      key: `k${i}`,
      image: patternImage(i, 8, i === 5 ? 9 : 8),
    }));
    const stream = pipeline(images(mixed), { batchSize: 4, workers: 0, shuffle: false });
    await expect(collect(stream)).rejects.toMatchObject({
      name: 'DataError',
      code: 'SIZE_MISMATCH',
      sample: 'k5',
      message: expect.stringMatching(/k5.*8 x 9.*8 x 8.*randomResizedCrop\(size\)/),
    });
  });

  it('takes the size of the batch from the first sample that can be read', async () => {
    const items = [
      { key: 'broken', image: Uint8Array.of(1, 2, 3) },
      { key: 'fine', image: patternImage(0, 6, 4) },
    ];
    const stream = pipeline(images(items), { workers: 0, onError: 'substitute', maxBad: 9, shuffle: false });
    expect((await collect(stream))[0]?.shape).toEqual([2, 4, 6, 3]);
  });

  it('names the first sample where none can be read', async () => {
    const items = ['a', 'b'].map((key) => ({ key, image: Uint8Array.of(1, 2, 3) }));
    await expect(collect(pipeline(images(items), { workers: 0 }))).rejects.toMatchObject({
      name: 'DataError',
      sample: 'a',
    });
  });

  it('does nothing before it is subscribed to', () => {
    const lazy = { ...dataset, locator: () => expect.fail('read before anybody asked') };
    expect(pipeline(lazy).pipe(autoAugment()).statistics).toBeUndefined();
  });

  it('has a digest of steps, seed and global batch size, not of workers or the dataset', () => {
    const digest = (options: object, ...steps: Step[]) => pipeline(dataset, options).pipe(...steps).digest;
    const plain = digest({ batchSize: 8 }, randomResizedCrop(8));
    expect(digest({ batchSize: 8, workers: 2, prefetch: 5 }, randomResizedCrop(8))).toBe(plain);
    expect(digest({ batchSize: 4, worldSize: 2, rank: 1 }, randomResizedCrop(8))).toBe(plain);
    const others = [
      digest({ batchSize: 4 }, randomResizedCrop(8)),
      digest({ batchSize: 8, seed: 1 }, randomResizedCrop(8)),
      digest({ batchSize: 8, shuffle: false }, randomResizedCrop(8)),
      digest({ batchSize: 8 }, randomResizedCrop(9)),
      digest({ batchSize: 8 }, randomResizedCrop(8, { interpolation: 'bicubic' })),
      digest({ batchSize: 8 }, centerCrop(8)),
      digest({ batchSize: 8 }, randomResizedCrop(8), mixup(0.2)),
    ];
    expect(new Set([plain, ...others]).size).toBe(others.length + 1);
  });
});

describe('explain', () => {
  it('prints source, order, kernels, implied steps and memory', () => {
    const stream = pipeline(dataset, { batchSize: 4, workers: 2, seed: 5, epochs: 3, worldSize: 2, rank: 1 });
    const steps = [randomResizedCrop(224), randomHorizontalFlip(), autoAugment(), mixup(0.2)];
    expect(stream.pipe(...steps).explain()).toMatchInlineSnapshot(`
      "source     images(8): 8 samples, 5 classes
      stream     batches of 4 (rank 1 of 2, global batch 8), 3 epochs, shuffled by seed 5, last incomplete batch kept
      backend    cpu, 2 workers
      decode     decode(dct: "fast", orientation: "ignore", maxPixels: 89478485) (implied) -> decode
      image      randomResizedCrop(size: 224, scale: [0.08,1], ratio: [0.75,1.3333333333333333], interpolation: "bilinear") + randomHorizontalFlip(probability: 0.5) -> resample
      image      autoAugment(policy: "v0") -> affine-bicubic | affine-nearest | lut | saturation | statistics-lut
      normalize  normalize(mean: [0.485,0.456,0.406], std: [0.229,0.224,0.225], dtype: "float16", layout: "nhwc") (implied) -> finish
      batch      mixup(alpha: 0.2) -> finish (rows i and i XOR 1, blended in integers)
      memory     3 slots x 1.1 MiB = 3.4 MiB, and scratch a worker"
    `);
  });

  it('says so where nothing fixes the size', () => {
    expect(source.explain()).toContain('memory     the size of the images decides');
  });

  it('promises a live source and synthetic batches neither an order nor memory that they do not have', () => {
    const camera = pipeline(live([], { overflow: 'error' })).explain();
    expect(camera).toContain('batches of 32, in order of arrival, last incomplete batch kept');
    const endless = { backend: 'synthetic', epochs: Number.POSITIVE_INFINITY, shuffle: false } as const;
    const synthetic = pipeline(dataset, endless).pipe(randomResizedCrop(224)).explain();
    expect(synthetic).toContain('repeated for ever, in dataset order');
    expect(synthetic).toContain('memory     1 slot of 9.2 MiB');
  });

  it('explains a pipeline whose steps do not fit the nominal image', () => {
    expect(source.pipe(centerCrop(2000)).explain()).toContain('centerCrop');
  });
});
