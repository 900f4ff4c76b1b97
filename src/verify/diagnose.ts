import { decode } from '../../operators/image/decode.ts';
import { normalize } from '../../operators/image/normalize.ts';
import type { RawImage } from '../core/image.ts';
import { imageSteps, makePlan, type Plan, tensorFormat } from '../engine/plan.ts';
import { stageImages } from '../engine/stage-images.ts';
import { rowDigest } from '../engine/stream-digest.ts';
import { bisect, type Made } from './bisect.ts';
import { type DifferentRow, placeOf } from './compare.ts';
import type { Difference } from './difference.ts';
import { findStep } from './find-step.ts';
import type { Finding, Pair } from './finding.ts';
import { Replayer } from './replayer.ts';
import type { StreamRow } from './stream-batch.ts';

/** The first step that comes out differently: of the row alone; if it does not, of the pipeline. */
export async function diagnose(found: DifferentRow, made: Pair<Made>): Promise<Difference> {
  const finding = await findCause(found, made).catch(
    (error: unknown): Finding => ({
      stage: 'unknown',
      detail: `it could not be made again: ${error instanceof Error ? error.message : error}`,
    }),
  );
  return withPlace(found, finding);
}

async function findCause(found: DifferentRow, made: Pair<Made>): Promise<Finding> {
  const plan = makePlan(made.expected.source.steps, { decode: decode(), normalize: normalize() });
  const { expected: a, actual: b } = made;
  const expected = await Replayer.open(a.source.dataset, a.setting, plan);
  const actual = await Replayer.open(b.source.dataset, b.setting, plan);
  try {
    const [, first, second, third] = found.expected.shape;
    const isLast = tensorFormat(plan).layout === 'nhwc';
    const size = isLast ? { height: first, width: second } : { height: second, width: third };
    const finding = (await findStep(found, { expected, actual }, plan)) ?? (await bisect(found, made, size));
    if (finding !== undefined) return finding;
    const whose = await agreement(found, expected, plan);
    const detail = `only in that run: made again, alone and in the pipeline, the two agree; alone it is as ${whose} has it`;
    return { stage: 'unknown', detail };
  } finally {
    await expected.close();
    await actual.close();
  }
}

/** Which of the two has the row as it comes out alone. */
async function agreement(
  { expected, actual, row }: DifferentRow,
  replayer: Replayer,
  plan: Plan,
): Promise<string> {
  const members = expected.rows[row]?.lambda === undefined ? [row] : [row, row ^ 1];
  const images: RawImage[] = [];
  for (const member of members) {
    const { id, drawn } = expected.rows[member] ?? {};
    if (id === undefined || drawn === undefined) continue;
    const original = await replayer.original(id);
    const stages = await stageImages(replayer.executor, original, imageSteps(plan), drawn);
    images.push(stages.at(-1)?.image ?? original);
  }
  const tensor = await replayer.finish(images, expected.rows[row]?.lambda);
  const { id, label, drawn } = expected.rows[row] as StreamRow;
  const digest = Buffer.from(rowDigest(id, label, drawn, tensor)).toString('hex');
  const isOf = (rows: readonly StreamRow[]) => rows[row]?.digest === digest;
  return isOf(expected.rows) ? 'the baseline' : isOf(actual.rows) ? 'the variant' : 'neither';
}

const withPlace = ({ expected, row }: DifferentRow, finding: Finding): Difference => ({
  ...placeOf(expected),
  row,
  key: (expected.rows[row] as StreamRow).key,
  ...finding,
});
