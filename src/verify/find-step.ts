import type { RawImage } from '../core/image.ts';
import { batchOperator, type Plan, tensorFormat } from '../engine/plan/plan.ts';
import type { SampleMaker } from '../engine/rows/sample-maker.ts';
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
  const lambda = expected.rows[row]?.lambda;
  // a row's pixels are its MixUp partner's as well
  const members = lambda === undefined ? [row] : [row, row ^ 1];
  const images: Pair<RawImage>[] = [];
  for (const member of members) {
    const rows = { expected: expected.rows[member], actual: actual.rows[member] };
    if (rows.expected === undefined || rows.actual === undefined) continue;
    const made = await makeImages(rows as Pair<StreamRow>, makers, plan);
    if ('finding' in made) return member === row ? made.finding : ofPartner(made.finding, rows.expected.key);
    images.push(made);
  }
  return compareTensors(images, makers, lambda, plan);
}

const ofPartner = (finding: Finding, key: string): Finding => ({
  ...finding,
  detail: `in its MixUp partner ${key}: ${finding.detail}`,
});

async function compareTensors(
  images: readonly Pair<RawImage>[],
  makers: Pair<SampleMaker>,
  lambda: number | undefined,
  plan: Plan,
): Promise<Finding | undefined> {
  const { expected, actual } = await both(makers, (maker, side) =>
    maker.finish(
      images.map((image) => image[side]),
      lambda,
    ),
  );
  const detail = firstOtherElement(
    expected,
    actual,
    (images[0] as Pair<RawImage>).expected,
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
    ? { stage: 'mixup', operator: batchOperator(plan)?.name ?? '', kernel: 'finish', detail }
    : { stage: 'normalize', operator: plan.normalize.description.name, kernel: 'finish', detail };
}
