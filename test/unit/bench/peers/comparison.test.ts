import { describe, expect, it } from 'vitest';
import {
  comparisonTable,
  findUnequalWork,
  type Measured,
  type Outcome,
} from '../../../../bench/peers/comparison.ts';
import { hasPolicy, isInstalled, peerContestants, processFor } from '../../../../bench/peers/contestants.ts';

const summary = (median: number) => ({ median, min: median - 1, max: median + 1 });
const measured: Measured = {
  imagesPerSecond: summary(1000),
  secondsToFirstBatch: summary(2),
  peakBytes: 128e6,
  processorMs: summary(1.5),
  output: 'float16 64x224x224x3',
  mean: 0.1,
  images: 4096,
};
const outcome = (name: string, changes: Partial<Measured> = {}): Outcome => ({
  name,
  made: { [name]: '1.2' },
  versions: {},
  measured: { ...measured, ...changes },
});
const absent: Outcome = { name: 'peer', made: {}, versions: {}, missing: 'not installed' };

describe('comparisonTable', () => {
  const cells = (table: string) =>
    table.split('\n').map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

  it('says how many times as fast as a loader each of ours is', () => {
    const peer = outcome('peer', { imagesPerSecond: summary(400) });
    const ours = [outcome('folder'), outcome('store', { imagesPerSecond: summary(1200) })];
    const [header, , folder, store, theirs] = cells(comparisonTable([...ours, peer], ['folder', 'store']));
    expect(header?.slice(4, 6)).toEqual(['folder is', 'store is']);
    expect(folder?.slice(2, 6)).toEqual(['1000', '999..1001', '', '1.20x']);
    expect(store?.slice(2, 6)).toEqual(['1200', '1199..1201', '0.83x', '']);
    expect(theirs?.slice(0, 6)).toEqual(['peer', 'peer 1.2', '400', '399..401', '2.50x', '3.00x']);
    expect(theirs?.slice(6)).toEqual(['1.50', '2.00', '128', 'float16 64x224x224x3', '0.100']);
  });

  it('says why there is no figure', () => {
    const [, , , row] = cells(comparisonTable([outcome('folder'), absent], ['folder']));
    expect(row).toEqual(['peer', '', 'not installed', '', '', '', '', '', '', '']);
  });
});

describe('findUnequalWork', () => {
  const complaintsOf = (changes: Partial<Measured>) =>
    findUnequalWork([outcome('folder'), absent, outcome('peer', changes)]);

  it('accepts another type, another layout and a mean that differs by chance', () => {
    expect(complaintsOf({ output: 'float32 64x3x224x224', mean: 0.14 })).toEqual([]);
  });

  it.each<[string, Partial<Measured>, string]>([
    ['fewer images an epoch', { images: 4032 }, 'peer: 4032 images an epoch, not 4096'],
    ['smaller images', { output: 'float32 64x3x192x192' }, 'peer: batches of float32 64x3x192x192'],
    ['values that are not normalised alike', { mean: 0.4 }, 'peer: mean 0.400, not 0.100 within 0.062'],
    ['a mean that is no number', { mean: Number.NaN }, 'peer: mean NaN, not 0.100 within 0.062'],
  ])('complains about %s', (_what, changes, complaint) => {
    expect(complaintsOf(changes)).toEqual([complaint]);
  });
});

describe('contestants', () => {
  const python = process.execPath; // takes no -c with Python in it, as an interpreter without the packages
  const peers = peerContestants(
    { torchvision: python, pillowSimd: './none', dali: python, tensorflow: python },
    3,
  );

  it('are absent where the interpreter or its packages are', () => {
    expect(peers.filter(isInstalled).map(({ name }) => name)).toEqual(['sharp']);
  });

  it('take part only where they have the policy', () => {
    const without = (policy: string) =>
      peers.filter((peer) => !hasPolicy(peer, policy)).map(({ name }) => name);
    expect(without('v0')).toEqual(['sharp']);
    expect(without('ta_wide')).toEqual(['sharp']);
    expect(without('imagenet')).toEqual(['tf.data', 'sharp']);
    expect(without('none')).toEqual([]);
  });

  it('are told the work by the same flags', () => {
    const work = { folder: 'photos', size: 32, workers: 3, epochs: 2, batchSize: 8, policy: 'none' };
    for (const peer of peers) {
      const { args } = processFor(peer, { ...work, interpolation: 'bicubic' });
      expect(args.slice(args.indexOf('photos')).join(' ')).toBe(
        'photos --size 32 --workers 3 --epochs 2 --policy none --interpolation bicubic --batch-size 8',
      );
    }
  });
});
