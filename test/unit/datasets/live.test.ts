import { concat, NEVER, of, Subject, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it, vi } from 'vitest';
import {
  defineOperator,
  type ImageItem,
  images,
  type LiveOptions,
  live,
  type PipelineOptions,
  pipeline,
  randomResizedCrop,
} from '../../../src/index.ts';
import { patternImage, patternItems } from '../../support/raw-images.ts';
import { collect, contents } from '../../support/streams.ts';

const items = patternItems(10);
const item = (key: string): ImageItem => ({ key, image: patternImage(0, 1, 1) });
const batches = (source: ReturnType<typeof live>, options: PipelineOptions = {}) =>
  pipeline(source, { batchSize: 4, workers: 0, ...options }).pipe(randomResizedCrop(8));

/** Waits until a run has opened, and listens: what comes before that is lost. */
const subscribed = (source: Subject<ImageItem>) =>
  vi.waitFor(() => expect(source.observed).toBe(true), { timeout: 60_000 });

describe('live', () => {
  it('batches in order of arrival, the last batch smaller, each image drawn for by its number', async () => {
    const found = contents(await collect(batches(live(of(...items), { overflow: 'error' }))));
    expect(found.map(({ keys }) => keys.length)).toEqual([4, 4, 2]);
    expect(found.flatMap(({ ids }) => ids)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const ordered = pipeline(images(items), { batchSize: 4, workers: 0, shuffle: false }).pipe(
      randomResizedCrop(8),
    );
    expect(found.map(({ pixels }) => pixels)).toEqual(
      contents(await collect(ordered)).map(({ pixels }) => pixels),
    );
  });

  it('takes async iterables and promises too', async () => {
    async function* camera() {
      for (const image of items.slice(0, 3)) yield image;
    }
    const [batch] = await collect(batches(live(camera(), { overflow: 'error' })));
    expect(batch?.keys).toEqual(['pattern-0', 'pattern-1', 'pattern-2']);
    expect(await collect(batches(live(Promise.resolve(item('one')), { overflow: 'error' })))).toHaveLength(1);
  });

  it('delivers nothing from a source without images', async () => {
    expect(await collect(batches(live([], { overflow: 'error' })))).toEqual([]);
  });

  it('subscribes anew for each run', async () => {
    const stream = batches(live(of(...items), { overflow: 'error' }));
    expect(contents(await collect(stream))).toEqual(contents(await collect(stream)));
  });

  it('delivers the good batches before the error of the source', async () => {
    const broken = concat(
      of(...items.slice(0, 6)),
      throwError(() => new Error('cable pulled')),
    );
    const iterator = batches(live(broken, { overflow: 'error' }))[Symbol.asyncIterator]();
    expect((await iterator.next()).value?.keys).toHaveLength(4);
    expect((await iterator.next()).value?.keys).toHaveLength(2);
    await expect(iterator.next()).rejects.toThrow('cable pulled');
  });

  it('does not lose the error of the source with the incomplete batch that dropLast leaves out', async () => {
    const broken = concat(
      of(...items.slice(0, 6)),
      throwError(() => new Error('cable pulled')),
    );
    await expect(collect(batches(live(broken, { overflow: 'error' }), { dropLast: true }))).rejects.toThrow(
      'cable',
    );
    expect(
      await collect(batches(live(of(...items), { overflow: 'error' }), { dropLast: true })),
    ).toHaveLength(2);
  });

  it('ends with an error that names the image where one is none', async () => {
    const broken = of(items[0] as ImageItem, { key: 'bad', image: 'no image' } as unknown as ImageItem);
    await expect(collect(batches(live(broken, { overflow: 'error' })))).rejects.toThrow(
      'expected encoded bytes',
    );
  });

  it('reports an operator that cannot be loaded when the first images come', async () => {
    const module = 'file:///no/such/module.js';
    const lost = defineOperator({ name: 'lost', module, parameters: {}, lower: () => [] });
    const source = new Subject<ImageItem>();
    const first = batches(live(source, { overflow: 'error' }))
      .pipe(lost())
      [Symbol.asyncIterator]()
      .next();
    await subscribed(source);
    // long enough for an unhandled rejection to be noticed
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const image of items.slice(0, 4)) source.next(image);
    await expect(first).rejects.toMatchObject({
      code: 'OPEN_FAILED',
      message: expect.stringContaining(module.slice(7)),
    });
  });

  it('ends on close while it waits for images, and lets go of the source', async () => {
    const source = new Subject<ImageItem>();
    const stream = batches(live(source, { overflow: 'error' }));
    const all = collect(stream);
    await subscribed(source);
    await stream.close();
    await stream.close();
    expect(await all).toEqual([]);
    expect(source.observed).toBe(false);
  });

  it.each([
    ['overflow', { overflow: 'drop' }],
    ['overflow', {}],
    ['capacity', { overflow: 'error', capacity: 0 }],
    ['capacity', { overflow: 'error', capacity: Number.NaN }],
    ['capacity', { overflow: 'error', capacity: 1.5 }],
  ])('refuses a wrong %s: %o', (name, options) => {
    expect(() => live(NEVER, options as LiveOptions)).toThrow(`live: ${name} must be`);
  });

  it('needs a step that fixes the size', async () => {
    const stream = pipeline(live(NEVER, { overflow: 'error' }), { batchSize: 2, workers: 0 });
    await expect(collect(stream)).rejects.toThrow('add randomResizedCrop(size)');
  });
});

describe('a live source that is faster than its reader', () => {
  /** Lets the marbles arrive, then takes all that wait. */
  const afterMarbles = async (marbles: string, options: LiveOptions) => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    const feed = scheduler.run(({ cold, flush }) => {
      const values = Object.fromEntries([...'abcdef'].map((name) => [name, item(name)]));
      const opened = live(cold(marbles, values), options).open();
      flush();
      return opened;
    });
    const taken = (await feed.take(6)).map(({ key }) => key).join('');
    const rest = feed.take(1).then(
      (arrivals) => arrivals.length,
      (error: unknown) => String(error),
    );
    return { taken, rest: await rest, dropped: feed.dropped };
  };

  it('drops the oldest images', async () => {
    const found = await afterMarbles('abc-def|', { overflow: 'drop-oldest', capacity: 4 });
    expect(found).toEqual({ taken: 'cdef', rest: 0, dropped: 2 });
  });

  it('drops the newest images', async () => {
    const found = await afterMarbles('abc-def|', { overflow: 'drop-newest', capacity: 4 });
    expect(found).toEqual({ taken: 'abcd', rest: 0, dropped: 2 });
  });

  it('ends with an error after the images that were there', async () => {
    const found = await afterMarbles('abc-def|', { overflow: 'error', capacity: 4 });
    expect(found).toEqual({
      taken: 'abcd',
      rest: expect.stringContaining('while 4 were waiting'),
      dropped: 0,
    });
  });

  it('drops nothing up to its capacity', async () => {
    const found = await afterMarbles('abcdef|', { overflow: 'error', capacity: 6 });
    expect(found).toEqual({ taken: 'abcdef', rest: 0, dropped: 0 });
  });

  it('ends with the error of the source after the images that came before it', async () => {
    const found = await afterMarbles('ab-#', { overflow: 'error', capacity: 4 });
    expect(found).toEqual({ taken: 'ab', rest: 'error', dropped: 0 });
  });

  it('counts what it drops in the statistics of the run', async () => {
    const stream = batches(live(of(...items), { overflow: 'drop-newest', capacity: 4 }));
    expect((await collect(stream)).flatMap(({ ids }) => [...ids])).toEqual([0, 1, 2, 3]);
    expect(stream.statistics?.dropped).toBe(6);
  });
});
