import { mebibytes } from '../core/mebibytes.ts';
import type { ImportProgress } from '../datasets/store/metadata.ts';
import { type Bottleneck, type Part, partNames, SMALL_SIDE } from '../engine/run/bottleneck.ts';
import type { MemoryBound } from '../engine/run/statistics.ts';
import type { Quantization } from '../quantization/quantization.ts';
import type { BadSamples } from '../training/bad-samples.ts';
import type { Evaluation } from '../training/evaluate-stream.ts';
import type { StreamDigests } from '../training/training-result.ts';
import { saysTop5 } from '../workspace/class-figures.ts';

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Three digits that count: 1.43, 0.0321, 642. */
export const threeDigits = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);

/** Growth of resident memory beside the bound of what the engine holds. */
export function describeMemory(growth: number | undefined, bound: MemoryBound | undefined): string {
  const grown = growth === undefined ? [] : [`grew by ${mebibytes(growth)} after the first batches`];
  const held = bound === undefined ? [] : [`the engine holds ${mebibytes(bound.total)} at most`];
  return `memory: ${[...grown, ...held].join(', ') || 'too short a run to tell'}`;
}

/** Which side makes the other wait, by how much. */
export function describeLimit(limits: Bottleneck): string {
  const { threadsBusy, waiting, callingThreadBusy, parts } = limits;
  const name = nameOfLimit(limits);
  const waited = `waited for batches ${percent(waiting)} of the time`;
  switch (limits.limit) {
    case 'consumer':
    case 'device':
      return `${name}: ${waited}, threads were busy ${percent(threadsBusy)} of it`;
    case 'neither': {
      const calling = `the calling thread (busy ${percent(callingThreadBusy)})`;
      return `${name} or by ${calling}: ${waited}, yet threads were busy only ${percent(threadsBusy)} of it`;
    }
    case 'threads': {
      const share = `${percent(parts[largestPart(parts)])} of it in ${largestPart(parts)}`;
      return `${name}: threads were busy ${percent(threadsBusy)} of the time, ${share}`;
    }
  }
}

/** Pixels of an image from which on a smaller copy is worth a word, and what it has to gain. */
const LARGE_IMAGE = 1e6;
const WORTH_A_LINE = 0.5;

/** What to do about images that are larger than training needs; undefined where decoding them is not what limits. */
export function describeLargeImages(limits: Bottleneck): string | undefined {
  const { limit, parts, pixelsPerImage, gainOfSmallerImages: gain } = limits;
  const isLimit = limit === 'threads' && largestPart(parts) === 'decode';
  if (!isLimit || pixelsPerImage < LARGE_IMAGE || gain < WORTH_A_LINE) return undefined;
  const size = `${(pixelsPerImage / 1e6).toFixed(1)} megapixels each`;
  const times = `about ${Number((1 + gain).toPrecision(2))} times as many images/s`;
  return `the images are large (${size}): copies of ${SMALL_SIDE} pixels give ${times}: ${importCommand} (docs/performance.md)`;
}

const importCommand = `millrace import <folder> <store> --max-side ${SMALL_SIDE}`;

/** What limits, without figures: the same for as long as the same thing does. */
export function nameOfLimit({ limit, parts }: Bottleneck): string {
  if (limit === 'device') return 'GPU-bound';
  if (limit === 'neither') return 'bound by the source';
  return `${limit === 'consumer' ? limit : largestPart(parts)}-bound`;
}

const largestPart = (parts: Bottleneck['parts']): Part =>
  partNames.reduce((most, part) => (parts[part] > parts[most] ? part : most));

/** What one more worker would gain, and why. */
export function describeGain({ limit, gainOfOneMore, idleCores, cores }: Bottleneck): string {
  const idle =
    idleCores < 0.05 ? `all ${cores} cores are busy` : `${idleCores.toFixed(1)} of ${cores} cores idle`;
  if (limit === 'consumer') return 'one more worker: no gain, the consumer is the limit';
  if (limit === 'device') return 'one more worker: no gain, the GPU is the limit';
  if (limit === 'neither') return 'one more worker: no gain, threads have time to spare';
  if (gainOfOneMore < 0.005) return `one more worker: no gain, ${idle}`;
  return `one more worker: about +${(gainOfOneMore * 100).toFixed(0)} % (${idle})`;
}

/** @param classes how many the model tells apart */
export function describeAccuracy(
  { top1, top5, mAP, loss }: Pick<Evaluation, 'top1' | 'top5' | 'mAP' | 'loss'>,
  classes: number,
): string {
  if (mAP !== undefined) return `mAP ${percent(mAP)}, loss ${threeDigits(loss)}`;
  const five = saysTop5(classes) ? `, top-5 ${percent(top5)}` : '';
  return `top-1 ${percent(top1)}${five}, loss ${threeDigits(loss)}`;
}

/** What became of bad images; undefined where there were none. */
export function describeBadSamples(
  { badSamples, substitutions }: BadSamples,
  quarantine: string | undefined,
): string | undefined {
  if (badSamples === 0) return undefined;
  const bad = badSamples === 1 ? '1 bad image' : `${badSamples} bad images`;
  const counts = `${bad}, replaced by others ${substitutions}x`;
  return quarantine === undefined ? counts : `${counts}, listed in ${quarantine}`;
}

export const describeDigests = ({ stream, dataset, pipeline, weights }: StreamDigests): string =>
  `digest of the stream ${stream}, of the dataset ${dataset}, of the pipeline ${pipeline}${
    weights === undefined ? '' : `, of the weights ${weights}`
  }`;

export function describeQuantization({
  placement,
  method,
  percentile,
  batches,
  batchSize,
}: Quantization): string {
  const how = percentile === undefined ? method : `${method} ${percentile}`;
  return `quantised for ${placement}: ranges by ${batches} batches of ${batchSize} images, ${how}`;
}

/** How a store keeps its images, and why some were not cut into intervals. */
export function describeKinds({ kinds, reasons }: ImportProgress): string[] {
  const why = Object.entries(reasons).map(([reason, count]) => `${reason}: ${count}`);
  return [
    `${kinds.intervals} JPEGs cut into restart intervals`,
    ...(kinds.file === 0 ? [] : [`${kinds.file} files kept as they are (${why.join('; ')})`]),
    ...(kinds.raw === 0 ? [] : [`${kinds.raw} raw images`]),
  ];
}

export function describeSizes({ bytesBefore, bytesAfter }: ImportProgress): string {
  const change = bytesBefore === 0 ? 0 : bytesAfter / bytesBefore - 1;
  const sign = change < 0 ? '' : '+';
  return `${bytesBefore} bytes before, ${bytesAfter} after (${sign}${percent(change)})`;
}
