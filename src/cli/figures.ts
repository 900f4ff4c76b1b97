import { mebibytes } from '../core/mebibytes.ts';
import type { ImportProgress } from '../datasets/store/metadata.ts';
import { type Bottleneck, partNames } from '../engine/run/bottleneck.ts';
import type { MemoryBound } from '../engine/run/statistics.ts';
import type { Evaluation } from '../training/evaluate-stream.ts';
import type { BadSamples, StreamDigests } from '../training/training-result.ts';

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Growth of resident memory beside the bound of what the engine holds. */
export function describeMemory(growth: number | undefined, bound: MemoryBound | undefined): string {
  const grown =
    growth === undefined ? 'too short a run to tell' : `grew by ${mebibytes(growth)} after the first batches`;
  if (bound === undefined) return `memory: ${grown}`;
  const { slots, batchBytes, scratchBytes, heapBytes, total } = bound;
  const parts = `${slots} slots x ${mebibytes(batchBytes)} + threads ${mebibytes(scratchBytes)} + heap ${mebibytes(heapBytes)}`;
  return `memory: ${grown}; the engine holds ${parts} = ${mebibytes(total)}`;
}

/** Which side makes the other wait, by how much. */
export function describeLimit({ limit, threadsBusy, waiting, callingThreadBusy, parts }: Bottleneck): string {
  const waited = `waited for batches ${percent(waiting)} of the time`;
  if (limit === 'consumer')
    return `consumer-bound: ${waited}, threads were busy ${percent(threadsBusy)} of it`;
  if (limit === 'device') return `GPU-bound: ${waited}, threads were busy ${percent(threadsBusy)} of it`;
  if (limit === 'neither') {
    const calling = `the calling thread (busy ${percent(callingThreadBusy)})`;
    return `bound by the source or by ${calling}: ${waited}, yet threads were busy only ${percent(threadsBusy)} of it`;
  }
  const largest = partNames.reduce((most, part) => (parts[part] > parts[most] ? part : most));
  const share = `${percent(parts[largest])} of it in ${largest}`;
  return `${largest}-bound: threads were busy ${percent(threadsBusy)} of the time, ${share}`;
}

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

export function describeEvaluation(
  { top1, top5, loss, images }: Omit<Evaluation, 'speed'>,
  name = 'val',
): string {
  return `${name}: top-1 ${percent(top1)}, top-5 ${percent(top5)}, loss ${loss.toFixed(4)} (${images} images)`;
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

export const describeDigests = ({ stream, dataset, pipeline }: StreamDigests): string =>
  `digest of the stream ${stream}, of the dataset ${dataset}, of the pipeline ${pipeline}`;

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
