import type { Plan } from '../engine/plan/plan.ts';
import type { SampleMaker } from '../engine/rows/sample-maker.ts';
import type { DifferentRow } from './compare.ts';
import { compareTensors, type Member, ofPartner } from './compare-tensors.ts';
import type { Finding, Pair } from './finding.ts';
import { makeImages } from './make-images.ts';
import type { StreamRow } from './stream-batch.ts';

/**
 * Why a row differs: makes it again, alone, as the baseline did and as the variant did, and finds the first step of its
 * way that comes out differently. Undefined where all come out the same, which leaves what only a whole pipeline does.
 */
export async function findStep(
  { expected, actual, row }: DifferentRow,
  makers: Pair<SampleMaker>,
  plan: Plan,
): Promise<Finding | undefined> {
  const mix = expected.rows[row]?.mix;
  // a row's pixels are its partner's as well
  const members = mix === undefined ? [row] : [row, row ^ 1];
  const made: Member[] = [];
  for (const member of members) {
    const rows = { expected: expected.rows[member], actual: actual.rows[member] };
    if (rows.expected === undefined || rows.actual === undefined) continue;
    const { key } = rows.expected;
    const images = await makeImages(rows as Pair<StreamRow>, makers, plan);
    if ('finding' in images) return member === row ? images.finding : ofPartner(images.finding, key);
    made.push({
      key,
      expected: makers.expected.madeRow(images.expected, rows.expected.drawn),
      actual: makers.actual.madeRow(images.actual, rows.actual.drawn),
    });
  }
  return compareTensors(made, mix, makers, plan);
}
