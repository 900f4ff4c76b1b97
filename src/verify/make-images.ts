import { fuseCalls, type KernelCall } from '../../backends/kernels/kernel.ts';
import type { Drawn } from '../core/batch.ts';
import type { RawImage } from '../core/image.ts';
import { imageSteps, type Plan } from '../engine/plan/plan.ts';
import type { ImageStep } from '../engine/plan/program.ts';
import type { SampleMaker } from '../engine/rows/sample-maker.ts';
import type { StageImage } from '../engine/rows/stage-images.ts';
import { firstOtherDraw, instead } from './compare.ts';
import { both, type Finding, type Pair, sides } from './finding.ts';
import { firstOtherPixel } from './first-difference.ts';
import { findUnstable } from './lowering.ts';
import { decodedRegion } from './region.ts';
import type { StreamRow } from './stream-batch.ts';

/** A row's images, before they are normalised; or at what they part. */
export async function makeImages(
  rows: Pair<StreamRow>,
  makers: Pair<SampleMaker>,
  plan: Plan,
): Promise<Pair<RawImage> | { readonly finding: Finding }> {
  const steps = imageSteps(plan);
  const { id, drawn } = rows.expected;
  const original = await both(makers, (maker) => maker.original(id));
  const finding =
    compareOriginals(original) ??
    compareDraws(rows) ??
    findUnstable(steps, drawn, original.expected) ??
    (await compareRegions(id, original, makers, steps, drawn));
  if (finding !== undefined) return { finding };
  const stages = await both(makers, (maker, side) => maker.stages(original[side], drawn));
  const other =
    (await compareStages(original.expected, stages, makers)) ??
    (await compareFused(original, stages, makers));
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

/** A store's images are decoded in part: what is read of them must be as in the whole image. */
async function compareRegions(
  id: number,
  original: Pair<RawImage>,
  makers: Pair<SampleMaker>,
  steps: readonly ImageStep[],
  drawn: readonly Drawn[],
): Promise<Finding | undefined> {
  const first = steps[0]?.operator.lower(drawn[0]?.values, original.expected)[0];
  for (const side of sides) {
    const region = await decodedRegion(makers[side], id, original[side], first);
    const detail = region && firstOtherPixel(region.cut, region.decoded);
    if (detail !== undefined)
      return { stage: 'decode', operator: 'decode', kernel: 'decode', detail: `decoded in part, ${detail}` };
  }
  return undefined;
}

async function compareStages(
  original: RawImage,
  { expected, actual }: Pair<StageImage[]>,
  makers: Pair<SampleMaker>,
): Promise<Finding | undefined> {
  for (const [i, stage] of expected.entries()) {
    const detail = firstOtherPixel(stage.image, (actual[i] as StageImage).image);
    if (detail === undefined) continue;
    const kernel = await firstOtherKernel(expected[i - 1]?.image ?? original, stage.calls, makers);
    const part = stage.partOf === undefined ? '' : ` (part of ${stage.partOf})`;
    return { stage: 'image', operator: stage.operator, kernel, detail: `${detail}${part}, ${show(stage)}` };
  }
  return undefined;
}

const show = ({ values }: StageImage): string => `drawn: ${JSON.stringify(values)}`;

async function firstOtherKernel(
  input: RawImage,
  calls: readonly KernelCall[],
  makers: Pair<SampleMaker>,
): Promise<string> {
  let image = input;
  for (const call of calls) {
    const { expected, actual } = await both(makers, (maker) => maker.run(image, [call]));
    if (firstOtherPixel(expected, actual) !== undefined) return call.kernel.name;
    image = expected;
  }
  return calls.map(({ kernel }) => kernel.name).join(' + ');
}

/** A stream runs programs with their neighbouring calls joined, which must change no pixel; stages run them apart. */
async function compareFused(
  original: Pair<RawImage>,
  stages: Pair<StageImage[]>,
  makers: Pair<SampleMaker>,
): Promise<Finding | undefined> {
  for (const side of sides) {
    const calls = stages[side].flatMap((stage) => stage.calls);
    const fused = await makers[side].run(original[side], fuseCalls(calls));
    const detail = firstOtherPixel(stages[side].at(-1)?.image ?? original[side], fused);
    const kernel = calls.map((call) => call.kernel.name).join(' + ');
    if (detail !== undefined)
      return { stage: 'image', kernel, detail: `only where calls are joined, ${detail}` };
  }
  return undefined;
}
