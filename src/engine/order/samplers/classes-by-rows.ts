import { DataError, ParameterError } from '../../../core/errors.ts';
import type { Dataset } from '../../../datasets/dataset.ts';
import { keyedPermutation } from '../permutation.ts';
import { classMembers, type SampleGroup } from './class-members.ts';
import { checkCount, type EpochLength, givenOptions } from './epoch-length.ts';
import type { SampleOrder, Sampler } from './sampler.ts';

/**
 * Batches of `classes` classes with `rows` samples of each, one class after the other, as metric learning (triplets, contrastive
 * losses) wants them: P x K. The global batch, without repeats or views, has to have classes x rows samples, or a multiple: then
 * it is made of such blocks, each with classes of its own. Classes take turns in random order, and so do a class's samples;
 * where it has fewer than `rows`, they come again, augmented anew.
 *
 * An epoch has as many whole blocks as go into `samplesPerEpoch`, which is the dataset's length by default, yet at least one. A
 * sample of several classes is counted in each.
 */
export function classesByRows(classes: number, rows: number, options: EpochLength = {}): Sampler {
  checkCount('classesByRows', 'classes', classes);
  checkCount('classesByRows', 'rows', rows);
  const given = givenOptions('classesByRows', options, ['samplesPerEpoch']);
  return {
    name: 'classesByRows',
    parameters: { classes, rows, ...given },
    balancesClasses: true,
    open({ dataset, seed, batchSize }) {
      const groups = classMembers(dataset).filter(({ length }) => length > 0);
      checkFits(dataset, groups.length, { classes, rows, batchSize });
      const { samplesPerEpoch = dataset.length } = options;
      const blocks = Math.max(1, Math.floor(samplesPerEpoch / (classes * rows)));
      return blocksOf({ groups, classes, rows, blocks, seed, overlap: dataset.labels !== undefined });
    },
  };
}

interface Blocks {
  readonly groups: readonly SampleGroup[];
  readonly classes: number;
  readonly rows: number;
  /** Of an epoch. */
  readonly blocks: number;
  readonly seed: number;
  readonly overlap: boolean;
}

function blocksOf({ groups, classes, rows, blocks, seed, overlap }: Blocks): SampleOrder {
  // a round has every class at most once, and so has a block
  const blocksOfRound = Math.floor(groups.length / classes);
  const roundsOfEpoch = Math.ceil(blocks / blocksOfRound);
  return {
    length: blocks * classes * rows,
    at(position, epoch) {
      const row = position % rows;
      const place = Math.floor(position / rows);
      const block = Math.floor(place / classes);
      const round = epoch * roundsOfEpoch + Math.floor(block / blocksOfRound);
      const slot = (block % blocksOfRound) * classes + (place % classes);
      const number = keyedPermutation(groups.length, seed, round)(slot);
      const group = groups[number] as SampleGroup;
      // so many blocks' rows of a class are without repetition
      const turns = Math.max(1, Math.floor(group.length / rows));
      const cycle = Math.floor(round / turns);
      const member = (round % turns) * rows + row;
      const order = keyedPermutation(group.length, seed, cycle, 1 + number);
      const copies = Math.ceil(rows / group.length);
      const cyclesBefore = Math.floor((epoch * roundsOfEpoch) / turns);
      const occurrence = (cycle - cyclesBefore) * copies + Math.floor(member / group.length);
      return {
        index: group.index(order(member % group.length)),
        occurrence: overlap ? position : occurrence,
      };
    },
  };
}

function checkFits(
  { name }: Dataset,
  known: number,
  { classes, rows, batchSize }: { classes: number; rows: number; batchSize: number },
): void {
  if (known < classes) {
    const message = `classesByRows: ${classes} classes per batch are more than the ${known} that have samples`;
    throw new DataError('TOO_FEW_CLASSES', `${name}: ${message}`);
  }
  if (batchSize % (classes * rows) === 0) return;
  const expected = `a multiple of ${classes} classes x ${rows} rows = ${classes * rows} samples`;
  const message = `classesByRows: the global batch must be ${expected}, got ${batchSize} (--batch-size)`;
  throw new ParameterError('INVALID_OPTION', message);
}
