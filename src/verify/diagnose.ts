import { reasonOf } from '../core/errors.ts';
import { describeStep } from '../core/step.ts';
import { tensorFormat } from '../engine/plan/plan.ts';
import { type MadeRow, SampleMaker } from '../engine/rows/sample-maker.ts';
import { rowDigest } from '../engine/rows/stream-digest.ts';
import { bisect, type Made } from './bisect.ts';
import { type DifferentRow, placeInStream } from './compare.ts';
import type { Difference } from './difference.ts';
import { findStep } from './find-step.ts';
import type { Finding, Pair } from './finding.ts';
import type { StreamRow } from './stream-batch.ts';
import type { StreamSource } from './stream-part.ts';

/** The first step that comes out differently: of the row alone; if it does not, of the pipeline. */
export async function diagnose(found: DifferentRow, made: Pair<Made>): Promise<Difference> {
  const finding = await findCause(found, made).catch(
    (error: unknown): Finding => ({
      stage: 'unknown',
      detail: `it could not be made again: ${reasonOf(error)}`,
    }),
  );
  return withPlace(found, finding);
}

async function findCause(found: DifferentRow, made: Pair<Made>): Promise<Finding> {
  const expected = await openMaker(made.expected);
  try {
    const actual = await openMaker(made.actual);
    try {
      return await compareMade(found, made, { expected, actual });
    } finally {
      await actual.close();
    }
  } finally {
    await expected.close();
  }
}

const openMaker = ({ source, setting }: Made): Promise<SampleMaker> =>
  SampleMaker.open(source.dataset, source.steps, setting);

async function compareMade(
  found: DifferentRow,
  made: Pair<Made>,
  makers: Pair<SampleMaker>,
): Promise<Finding> {
  const { plan } = makers.expected;
  const [, first, second, third] = found.expected.shape;
  const isLast = tensorFormat(plan).layout === 'nhwc';
  const size = isLast ? { height: first, width: second } : { height: second, width: third };
  const finding = (await findStep(found, makers, plan)) ?? (await bisect(found, made, size));
  if (finding !== undefined) return finding;
  const whose = await agreement(found, makers.expected);
  const detail = `only in that run: made again, alone and in the pipeline, the two agree; alone it is as ${whose} has it`;
  return { stage: 'unknown', detail: `${detail}${suspicion(made.expected.source)}` };
}

/** What is not millrace's own may depend on more than it is given. */
function suspicion({ steps }: StreamSource): string {
  const names = steps
    .map((step) => step[describeStep])
    .filter(({ module }) => !module.startsWith(ownOperators))
    .map(({ name }) => name);
  return names.length === 0 ? '' : `; what may depend on time, or on a state, is ${names.join(' or ')}`;
}

const ownOperators = new URL('../../operators/', import.meta.url).href;

/** Which of the two has the row as it comes out alone. */
async function agreement({ expected, actual, row }: DifferentRow, maker: SampleMaker): Promise<string> {
  const { id, label, drawn, mix } = expected.rows[row] as StreamRow;
  const partner = mix === undefined ? undefined : expected.rows[row ^ 1];
  const rows = [await madeAlone(expected.rows[row] as StreamRow, maker)];
  if (partner !== undefined) rows.push(await madeAlone(partner, maker));
  const tensor = await maker.finish(rows, mix);
  const digest = Buffer.from(rowDigest({ id, label, drawn, mix }, tensor)).toString('hex');
  const isOf = (rows: readonly StreamRow[]) => rows[row]?.digest === digest;
  return isOf(expected.rows) ? 'the baseline' : isOf(actual.rows) ? 'the variant' : 'neither';
}

async function madeAlone({ id, drawn }: StreamRow, maker: SampleMaker): Promise<MadeRow> {
  const original = await maker.original(id);
  return maker.madeRow((await maker.stages(original, drawn)).at(-1)?.image ?? original, drawn);
}

const withPlace = ({ expected, row }: DifferentRow, finding: Finding): Difference => ({
  ...placeInStream(expected),
  row,
  key: (expected.rows[row] as StreamRow).key,
  ...finding,
});
