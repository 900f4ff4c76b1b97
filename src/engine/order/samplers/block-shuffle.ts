import { ParameterError } from '../../../core/errors.ts';
import { keyedPermutation, permutedFrom } from '../permutation.ts';
import { checkCount } from './epoch-length.ts';
import { perEpoch } from './per-epoch.ts';
import type { SampleOrder, Sampler } from './sampler.ts';

export interface BlockShuffleOptions {
  /** Blocks among whose rows a row may move. Default 16. */
  readonly window?: number;
}

/**
 * Shuffles blocks of `rows` consecutive samples, then the samples within a window of so many blocks: each sample once an epoch, yet
 * the source is read in stretches, which is faster where reading at random is slow (remote shards, disks). Batches are the less
 * random the fewer blocks lie in a window; samples that stand together in the source, as those of a class in a folder do,
 * then come together.
 */
export function blockShuffle(rows: number, options: BlockShuffleOptions = {}): Sampler {
  const { window = 16 } = options;
  checkCount('blockShuffle', 'rows', rows);
  checkCount('blockShuffle', 'window', window);
  return {
    name: 'blockShuffle',
    parameters: { rows, window },
    open: ({ dataset: { length }, seed }) => inBlocks(length, rows, window, seed),
  };
}

/** Windows that permutations can tell apart. */
const STREAMS = 2 ** 24 - 1;

function tooMany(length: number, rows: number, window: number): ParameterError {
  const message = `windows of ${window} blocks of ${rows} rows are too small for ${length} samples`;
  return new ParameterError('INVALID_OPTION', `blockShuffle: ${message}: at most ${STREAMS} windows`);
}

function inBlocks(length: number, rows: number, window: number, seed: number): SampleOrder {
  const blocks = Math.ceil(length / rows);
  if (blocks / window >= STREAMS) throw tooMany(length, rows, window);
  /** Samples that the last block of the source lacks. */
  const lacking = blocks * rows - length;
  const ofEpoch = perEpoch((epoch) => ({
    order: keyedPermutation(blocks, seed, epoch),
    // where the last block comes; all behind it stand so many places further to the front
    gap: permutedFrom(blocks, seed, epoch)(blocks - 1),
  }));
  return {
    length,
    at(position, epoch) {
      const { order, gap } = ofEpoch(epoch);
      const startOf = (place: number) => place * rows - (place > gap ? lacking : 0);
      const placeOf = (row: number) => Math.floor((row < startOf(gap + 1) ? row : row + lacking) / rows);
      const number = Math.floor(placeOf(position) / window);
      const first = startOf(number * window);
      const end = startOf(Math.min(blocks, (number + 1) * window));
      const within = keyedPermutation(end - first, seed, epoch, 1 + number)(position - first);
      const place = placeOf(first + within);
      return { index: order(place) * rows + (first + within - startOf(place)) };
    },
  };
}
