import { isDeepStrictEqual } from 'node:util';
import type { KernelCall } from '../../backends/kernels/kernel.ts';
import type { Drawn } from '../core/batch.ts';
import type { RawImage } from '../core/image.ts';
import { batchOperator, imageSteps, type Plan, tensorFormat } from '../engine/plan.ts';
import type { ImageStep } from '../engine/program.ts';
import { type StageImage, stageImages } from '../engine/stage-images.ts';
import { rowDigest } from '../engine/stream-digest.ts';
import { type DifferentRow, firstOtherDraw, instead, placeOf } from './compare.ts';
import type { Difference } from './difference.ts';
import { firstOtherElement, firstOtherPixel } from './first-difference.ts';
import type { Replayer } from './replayer.ts';
import type { StreamRow } from './stream-batch.ts';

/** What comes out differently, without where. */
export type Finding = Pick<Difference, 'stage' | 'operator' | 'kernel' | 'detail'>;

/** One of the baseline, one of the variant. */
interface Pair<T> {
  readonly expected: T;
  readonly actual: T;
}

/**
 * Why a row differs: makes it again, alone, as the baseline did and as the variant did, and finds the first step of its
 * way that comes out differently. Undefined where all come out the same, which leaves what only a whole pipeline does.
 */
export async function findStep(
  { expected, actual, row }: DifferentRow,
  replayers: Pair<Replayer>,
  plan: Plan,
): Promise<Finding | undefined> {
  const lambda = expected.rows[row]?.lambda;
  // a row's pixels are its MixUp partner's as well
  const members = lambda === undefined ? [row] : [row, row ^ 1];
  const images: Pair<RawImage>[] = [];
  for (const member of members) {
    const rows = { expected: expected.rows[member], actual: actual.rows[member] };
    if (rows.expected === undefined || rows.actual === undefined) continue;
    const made = await makeImages(rows as Pair<StreamRow>, replayers, plan);
    if ('finding' in made) return member === row ? made.finding : ofPartner(made.finding, rows.expected.key);
    images.push(made);
  }
  return compareTensors(images, replayers, lambda, plan);
}

const ofPartner = (finding: Finding, key: string): Finding => ({
  ...finding,
  detail: `in its MixUp partner ${key}: ${finding.detail}`,
});

/** A row's images, before they are normalised; or at what they part. */
async function makeImages(
  rows: Pair<StreamRow>,
  replayers: Pair<Replayer>,
  plan: Plan,
): Promise<Pair<RawImage> | { readonly finding: Finding }> {
  const steps = imageSteps(plan);
  const { id, drawn } = rows.expected;
  const original = await both(replayers, (replayer) => replayer.original(id));
  const finding =
    compareOriginals(original) ??
    compareDraws(rows) ??
    unstableLowering(steps, drawn, original.expected) ??
    (await compareRegions(id, original, replayers, steps, drawn));
  if (finding !== undefined) return { finding };
  const stages = await both(replayers, ({ executor }, side) =>
    stageImages(executor, original[side], steps, drawn),
  );
  const other =
    (await compareStages(original.expected, stages, replayers)) ??
    (await compareFused(original, stages, replayers));
  if (other !== undefined) return { finding: other };
  const last = ({ image }: { image: RawImage }) => image;
  return {
    expected: stages.expected.map(last).at(-1) ?? original.expected,
    actual: stages.actual.map(last).at(-1) ?? original.actual,
  };
}

function compareOriginals({ expected, actual }: Pair<RawImage>): Finding | undefined {
  const detail = firstOtherPixel(expected, actual);
  return detail === undefined ? undefined : { stage: 'decode', operator: 'decode', kernel: 'decode', detail };
}

function compareDraws({ expected, actual }: Pair<StreamRow>): Finding | undefined {
  const step = firstOtherDraw(expected, actual);
  if (step === undefined) return undefined;
  const [a, b] = [expected.drawn[step], actual.drawn[step]];
  return {
    stage: 'draw',
    operator: (a ?? b)?.operator ?? '',
    detail: `drew ${instead(b?.values, a?.values)}`,
  };
}

/** What depends on chance shows itself sooner or later. */
const LOWERINGS = 16;

function unstableLowering(
  steps: readonly ImageStep[],
  drawn: readonly Drawn[],
  original: RawImage,
): Finding | undefined {
  let size = { width: original.width, height: original.height };
  for (const [i, { operator }] of steps.entries()) {
    const lower = () =>
      operator.lower(drawn[i]?.values, size).map(({ kernel, args }) => ({ kernel: kernel.name, args }));
    const first = lower();
    for (let again = 1; again < LOWERINGS; again++) {
      const second = lower();
      if (isDeepStrictEqual(first, second)) continue;
      const kernel = (first.find((call, at) => !isDeepStrictEqual(call, second[at])) ?? second.at(-1))
        ?.kernel;
      const detail = 'gives other kernel calls each time for the same drawn values';
      return { stage: 'lower', operator: operator.name, ...(kernel !== undefined && { kernel }), detail };
    }
    size = operator
      .lower(drawn[i]?.values, size)
      .reduce((from, call) => call.kernel.outputSize?.(call.args, from) ?? from, size);
  }
  return undefined;
}

/** A store's images are decoded in part: what is read of them must be as in the whole image. */
async function compareRegions(
  id: number,
  original: Pair<RawImage>,
  replayers: Pair<Replayer>,
  steps: readonly ImageStep[],
  drawn: readonly Drawn[],
): Promise<Finding | undefined> {
  const first = steps[0]?.operator.lower(drawn[0]?.values, original.expected)[0];
  for (const side of ['expected', 'actual'] as const) {
    const region = await replayers[side].region(id, original[side], first);
    const detail = region && firstOtherPixel(region.cut, region.decoded);
    if (detail !== undefined)
      return { stage: 'decode', operator: 'decode', kernel: 'decode', detail: `decoded in part, ${detail}` };
  }
  return undefined;
}

async function compareStages(
  original: RawImage,
  { expected, actual }: Pair<StageImage[]>,
  replayers: Pair<Replayer>,
): Promise<Finding | undefined> {
  for (const [i, stage] of expected.entries()) {
    const detail = firstOtherPixel(stage.image, (actual[i] as StageImage).image);
    if (detail === undefined) continue;
    const kernel = await firstOtherKernel(expected[i - 1]?.image ?? original, stage.calls, replayers);
    const part = stage.partOf === undefined ? '' : ` (part of ${stage.partOf})`;
    return { stage: 'image', operator: stage.operator, kernel, detail: `${detail}${part}, ${show(stage)}` };
  }
  return undefined;
}

const show = ({ values }: StageImage): string => `drawn: ${JSON.stringify(values)}`;

async function firstOtherKernel(
  input: RawImage,
  calls: readonly KernelCall[],
  replayers: Pair<Replayer>,
): Promise<string> {
  let image = input;
  for (const call of calls) {
    const { expected, actual } = await both(replayers, (replayer) => replayer.run(image, [call]));
    if (firstOtherPixel(expected, actual) !== undefined) return call.kernel.name;
    image = expected;
  }
  return calls.map(({ kernel }) => kernel.name).join(' + ');
}

/** A program runs with its neighbouring calls joined, which must change no pixel. */
async function compareFused(
  original: Pair<RawImage>,
  stages: Pair<StageImage[]>,
  replayers: Pair<Replayer>,
): Promise<Finding | undefined> {
  for (const side of ['expected', 'actual'] as const) {
    const calls = stages[side].flatMap((stage) => stage.calls);
    const fused = await replayers[side].run(original[side], calls);
    const detail = firstOtherPixel(stages[side].at(-1)?.image ?? original[side], fused);
    const kernel = calls.map((call) => call.kernel.name).join(' + ');
    if (detail !== undefined)
      return { stage: 'image', kernel, detail: `only where calls are joined, ${detail}` };
  }
  return undefined;
}

async function compareTensors(
  images: readonly Pair<RawImage>[],
  replayers: Pair<Replayer>,
  lambda: number | undefined,
  plan: Plan,
): Promise<Finding | undefined> {
  const { expected, actual } = await both(replayers, (replayer, side) =>
    replayer.finish(
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
  const alone = await both(replayers, (replayer, side) =>
    replayer.finish(
      images.slice(0, 1).map((image) => image[side]),
      undefined,
    ),
  );
  const isMixed = images.length > 1 && Buffer.compare(alone.expected, alone.actual) === 0;
  return isMixed
    ? { stage: 'mixup', operator: batchOperator(plan)?.name ?? '', kernel: 'finish', detail }
    : { stage: 'normalize', operator: plan.normalize.description.name, kernel: 'finish', detail };
}

/** Which of the two has the row as it comes out alone. */
export async function agreement(
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

export const withPlace = ({ expected, row }: DifferentRow, finding: Finding): Difference => ({
  ...placeOf(expected),
  row,
  key: (expected.rows[row] as StreamRow).key,
  ...finding,
});

async function both<T>(
  replayers: Pair<Replayer>,
  action: (replayer: Replayer, side: 'expected' | 'actual') => T | Promise<T>,
): Promise<Pair<T>> {
  return {
    expected: await action(replayers.expected, 'expected'),
    actual: await action(replayers.actual, 'actual'),
  };
}
