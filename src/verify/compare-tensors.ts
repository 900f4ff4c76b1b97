import type { RowMix } from '../core/mixing.ts';
import { type Plan, type PlannedStep, tensorFormat } from '../engine/plan/plan.ts';
import type { MadeRow, SampleMaker } from '../engine/rows/sample-maker.ts';
import type { DifferenceStage } from './difference.ts';
import { both, type Finding, type Pair } from './finding.ts';
import { firstOtherElement } from './first-difference.ts';

/** A row of which a tensor is made, by the baseline and by the variant. */
export interface Member extends Pair<MadeRow> {
  readonly key: string;
}

export const ofPartner = (finding: Finding, key: string): Finding => ({
  ...finding,
  detail: `in the partner that it is mixed with, ${key}: ${finding.detail}`,
});

/** One step more of the way from images to a tensor. */
interface Stretch {
  readonly stage: DifferenceStage;
  readonly step: PlannedStep | undefined;
  readonly rows: readonly Pair<MadeRow>[];
  readonly mix?: RowMix | undefined;
}

/**
 * The first step on tensors that comes out differently, each upon those before it: normalising and erasing, of the row and of
 * its partner, mixing, erasing again.
 *
 * @param members the row and, where it is mixed, its partner
 */
export async function compareTensors(
  members: readonly Member[],
  mix: RowMix | undefined,
  makers: Pair<SampleMaker>,
  plan: Plan,
): Promise<Finding | undefined> {
  for (const [i, member] of members.entries()) {
    const finding =
      (await compareStretch(alone('normalize', plan.normalize, ofBoth(member, asItIs)), makers, plan)) ??
      (await compareStretch(alone('erase', plan.erase, ofBoth(member, erasedOnce)), makers, plan));
    if (finding !== undefined) return i === 0 ? finding : ofPartner(finding, member.key);
  }
  const erased = members.map((member) => ofBoth(member, erasedOnce));
  return (
    (await compareStretch({ stage: 'mix', step: plan.batch, rows: erased, mix }, makers, plan)) ??
    (await compareStretch({ stage: 'erase', step: plan.eraseAfter, rows: members, mix }, makers, plan))
  );
}

const alone = (stage: DifferenceStage, step: PlannedStep | undefined, row: Pair<MadeRow>): Stretch => ({
  ...{ stage, step, rows: [row] },
});

async function compareStretch(
  { stage, step, rows, mix }: Stretch,
  makers: Pair<SampleMaker>,
  plan: Plan,
): Promise<Finding | undefined> {
  if (step === undefined) return undefined;
  const { expected, actual } = await both(makers, (maker, side) =>
    maker.finish(
      rows.map((row) => row[side]),
      mix,
    ),
  );
  const { image } = (rows[0] as Pair<MadeRow>).expected;
  const detail = firstOtherElement(expected, actual, image, tensorFormat(plan));
  return detail === undefined
    ? undefined
    : { stage, operator: step.description.name, kernel: 'finish', detail };
}

const ofBoth = ({ expected, actual }: Pair<MadeRow>, change: (row: MadeRow) => MadeRow): Pair<MadeRow> => ({
  expected: change(expected),
  actual: change(actual),
});

const asItIs = ({ image }: MadeRow): MadeRow => ({ image, erasing: {} });

/** As it is mixed. */
const erasedOnce = ({ image, erasing: { erase } }: MadeRow): MadeRow => ({
  image,
  erasing: erase === undefined ? {} : { erase },
});
