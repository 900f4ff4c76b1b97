import type { RowMix } from '../core/mixing.ts';
import { batchOperator, type Plan, tensorFormat } from '../engine/plan/plan.ts';
import type { MadeRow, SampleMaker } from '../engine/rows/sample-maker.ts';
import type { DifferentRow } from './compare.ts';
import { both, type Finding, type Pair } from './finding.ts';
import { firstOtherElement } from './first-difference.ts';
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
  const images: Pair<MadeRow>[] = [];
  for (const member of members) {
    const rows = { expected: expected.rows[member], actual: actual.rows[member] };
    if (rows.expected === undefined || rows.actual === undefined) continue;
    const made = await makeImages(rows as Pair<StreamRow>, makers, plan);
    if ('finding' in made) return member === row ? made.finding : ofPartner(made.finding, rows.expected.key);
    images.push({
      expected: makers.expected.madeRow(made.expected, rows.expected.drawn),
      actual: makers.actual.madeRow(made.actual, rows.actual.drawn),
    });
  }
  return compareTensors(images, makers, mix, plan);
}

const ofPartner = (finding: Finding, key: string): Finding => ({
  ...finding,
  detail: `in the partner that it is mixed with, ${key}: ${finding.detail}`,
});

async function compareTensors(
  images: readonly Pair<MadeRow>[],
  makers: Pair<SampleMaker>,
  mix: RowMix | undefined,
  plan: Plan,
): Promise<Finding | undefined> {
  const { expected, actual } = await both(makers, (maker, side) =>
    maker.finish(
      images.map((image) => image[side]),
      mix,
    ),
  );
  const detail = firstOtherElement(
    expected,
    actual,
    (images[0] as Pair<MadeRow>).expected.image,
    tensorFormat(plan),
  );
  if (detail === undefined) return undefined;
  const alone = await both(makers, (maker, side) =>
    maker.finish(
      images.slice(0, 1).map((image) => image[side]),
      undefined,
    ),
  );
  const isMixed = images.length > 1 && Buffer.compare(alone.expected, alone.actual) === 0;
  return isMixed
    ? { stage: 'mix', operator: batchOperator(plan)?.name ?? '', kernel: 'finish', detail }
    : { stage: 'normalize', operator: plan.normalize.description.name, kernel: 'finish', detail };
}
