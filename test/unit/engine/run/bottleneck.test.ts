import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeGain, describeLargeImages, describeLimit } from '../../../../src/cli/figures.ts';
import { noTimes } from '../../../../src/engine/rows/task.ts';
import { bottleneck, type Load, partNames } from '../../../../src/engine/run/bottleneck.ts';

const milliseconds = fc.double({ min: 0, max: 1e6, noNaN: true });
const loads: fc.Arbitrary<Load> = fc.record({
  wallMs: fc.double({ min: 1, max: 1e6, noNaN: true }),
  workers: fc.integer({ min: 0, max: 64 }),
  cores: fc.integer({ min: 1, max: 64 }),
  busyMs: milliseconds,
  stages: fc.record({
    read: milliseconds,
    draw: milliseconds,
    decode: milliseconds,
    transform: milliseconds,
    finish: milliseconds,
  }),
  waitingMs: milliseconds,
  deviceMs: milliseconds,
  callingMs: milliseconds,
  rows: fc.nat(1e6),
  sourcePixels: fc.nat(1e12),
});

/** One second in which two threads of a machine with four cores decode all the time, and the consumer only waits. */
const decoding: Load = {
  wallMs: 1000,
  workers: 2,
  cores: 4,
  busyMs: 1940,
  stages: { read: 97, draw: 0, decode: 1067, transform: 485, finish: 97 },
  waitingMs: 990,
  deviceMs: 0,
  callingMs: 60,
  rows: 1000,
  sourcePixels: 2e8,
};

describe('bottleneck', () => {
  it('finds shares that add up to one, or to nothing where nothing was done', () => {
    fc.assert(
      fc.property(loads, (load) => {
        const { parts } = bottleneck(load);
        const sum = partNames.reduce((total, part) => total + parts[part], 0);
        const isIdle = load.busyMs === 0 && Object.values(load.stages).every((ms) => ms === 0);
        expect(sum).toBeCloseTo(isIdle ? 0 : 1, 9);
        expect(Math.min(...Object.values(parts))).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('never promises a gain where the consumer, or neither side, is the limit', () => {
    fc.assert(
      fc.property(loads, (load) => {
        const { limit, gainOfOneMore } = bottleneck(load);
        if (limit !== 'threads') expect(gainOfOneMore).toBe(0);
      }),
    );
  });

  it('promises no more than one more of as many workers, nor more than the idle cores or the consumer allow', () => {
    fc.assert(
      fc.property(loads, (load) => {
        const { limit, gainOfOneMore, idleCores, threadsBusy, waiting } = bottleneck(load);
        fc.pre(limit === 'threads');
        const now = Math.max(1, load.workers) * threadsBusy;
        expect(gainOfOneMore).toBeGreaterThanOrEqual(0);
        expect(gainOfOneMore).toBeLessThanOrEqual(idleCores / now + 1e-9);
        expect(gainOfOneMore).toBeLessThanOrEqual(1 / Math.max(1, load.workers) + 1e-9);
        if (waiting < 1) expect(gainOfOneMore).toBeLessThanOrEqual(waiting / (1 - waiting) + 1e-9);
      }),
    );
  });

  it('names the stage that fills the threads, and what one more of two workers adds on four cores', () => {
    const found = bottleneck(decoding);
    expect(found).toMatchObject({ limit: 'threads', threadsBusy: 0.97, gainOfOneMore: 0.5 });
    expect(found.parts.other).toBeCloseTo(0.1, 9);
    expect(describeLimit(found)).toBe(
      'decode-bound: threads were busy 97.0 % of the time, 55.0 % of it in decode',
    );
    expect(describeGain(found)).toBe('one more worker: about +50 % (2.0 of 4 cores idle)');
  });

  it('promises nothing where all cores are busy', () => {
    expect(describeGain(bottleneck({ ...decoding, cores: 2 }))).toBe(
      'one more worker: no gain, all 2 cores are busy',
    );
  });

  it('counts the calling thread once where it prepares the rows itself', () => {
    const inline = { ...decoding, workers: 0, busyMs: 900, stages: noTimes(), callingMs: 1000, cores: 2 };
    const { idleCores, gainOfOneMore } = bottleneck(inline);
    expect(idleCores).toBe(1);
    // one thread that does nothing else delivers what took 900 ms of 1000
    expect(gainOfOneMore).toBeCloseTo(1 / 9, 9);
  });

  it('blames the GPU for which threads and the consumer wait', () => {
    const found = bottleneck({ ...decoding, busyMs: 600, deviceMs: 900 });
    expect(describeLimit(found)).toBe(
      'GPU-bound: waited for batches 99.0 % of the time, threads were busy 30.0 % of it',
    );
    expect(describeGain(found)).toBe('one more worker: no gain, the GPU is the limit');
  });

  it('blames the consumer that seldom waits while threads do', () => {
    const found = bottleneck({ ...decoding, busyMs: 800, waitingMs: 1 });
    expect(describeLimit(found)).toBe(
      'consumer-bound: waited for batches 0.1 % of the time, threads were busy 40.0 % of it',
    );
    expect(describeGain(found)).toBe('one more worker: no gain, the consumer is the limit');
  });

  it('says of large images that limit what smaller copies would gain', () => {
    // 12 megapixels each: a sixtieth is left of reading, decoding and resizing, 85 % of the time
    const large = bottleneck({ ...decoding, rows: 10, sourcePixels: 12e7 });
    expect(large.gainOfSmallerImages).toBeCloseTo(1 / (1 - 0.85 * (1 - 0.196608 / 12)) - 1, 9);
    expect(describeLargeImages(large)).toBe(
      'the images are large (12.0 megapixels each): copies of 512 pixels give about 6.1 times as many images/s: ' +
        'millrace import <folder> <store> --max-side 512 (docs/performance.md)',
    );
    // no more than until the consumer never waits
    expect(
      bottleneck({ ...decoding, waitingMs: 800, rows: 10, sourcePixels: 12e7 }).gainOfSmallerImages,
    ).toBeCloseTo(4, 9);
  });

  it.each([
    ['of images that are small', { sourcePixels: 2e6 }],
    [
      'where something else takes longer',
      { stages: { read: 97, draw: 0, decode: 485, transform: 1067, finish: 97 } },
    ],
    ['where the consumer limits', { busyMs: 800, waitingMs: 1 }],
    ['where nothing was read', { rows: 0, sourcePixels: 0 }],
  ])('says nothing %s', (_, load) => {
    const large = { ...decoding, rows: 10, sourcePixels: 12e7 };
    expect(describeLargeImages(bottleneck({ ...large, ...load }))).toBeUndefined();
  });

  it('blames neither where both wait most of the time', () => {
    const found = bottleneck({ ...decoding, busyMs: 200, waitingMs: 900, callingMs: 950 });
    expect(describeLimit(found)).toContain('bound by the source or by the calling thread (busy 95.0 %)');
    expect(found.gainOfOneMore).toBe(0);
  });
});
