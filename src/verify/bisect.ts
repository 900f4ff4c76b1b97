import { resize } from '../../operators/image/resize.ts';
import type { Size } from '../core/image.ts';
import { describeStep, type Step } from '../core/step.ts';
import { compareBatches, type DifferentRow } from './compare.ts';
import type { Finding, Pair } from './finding.ts';
import type { StreamBatch } from './stream-batch.ts';
import { type StreamSetting, type StreamSource, streamPart } from './stream-part.ts';

/** How one of two streams was made. */
export interface Made {
  readonly source: StreamSource;
  readonly setting: StreamSetting;
}

/**
 * What goes wrong in whole pipelines alone, for instance on their threads: makes the batch again, with the first step,
 * the first two steps and so on, until the two differ. Undefined where they never do.
 */
export async function bisect(
  { expected }: DifferentRow,
  made: Pair<Made>,
  size: Size,
): Promise<Finding | undefined> {
  const { steps } = made.expected.source;
  const ofPhase = (...phases: string[]) => steps.filter((step) => phases.includes(step[describeStep].phase));
  const [before, images, after] = [ofPhase('decode'), ofPhase('image'), ofPhase('normalize')];
  const at = { epoch: expected.epoch, batch: expected.index };
  const differ = async (some: readonly Step[]) => {
    const [a, b] = await Promise.all([batchAt(made.expected, some, at), batchAt(made.actual, some, at)]);
    return (
      a === undefined ||
      b === undefined ||
      compareBatches({ ...a, digest: '' }, { ...b, digest: '' }) !== undefined
    );
  };
  const detail = 'in the pipeline, not where it runs alone on the calling thread';
  for (let count = 0; count <= images.length; count++) {
    // a size for all, which the steps that are left out may have given
    const some = [...before, ...images.slice(0, count), resize({ ...size }), ...after];
    if (!(await differ(some))) continue;
    const operator = count === 0 ? 'decode' : (images[count - 1] as Step)[describeStep].name;
    return { stage: count === 0 ? 'decode' : 'image', operator, detail };
  }
  const onTensors = ofPhase('tensor', 'batch');
  for (const [i, step] of onTensors.entries()) {
    if (!(await differ([...before, ...images, ...after, ...onTensors.slice(0, i + 1)]))) continue;
    const { name, phase } = step[describeStep];
    return { stage: phase === 'batch' ? 'mix' : 'erase', operator: name, detail };
  }
  return undefined;
}

async function batchAt(
  { source, setting }: Made,
  steps: readonly Step[],
  from: { readonly epoch: number; readonly batch: number },
): Promise<StreamBatch | undefined> {
  const window = { from, to: { epoch: from.epoch, batch: from.batch + 1 } };
  const single = { ...setting, prefetch: 1 };
  for await (const batch of streamPart({ ...source, steps }, single, window)) return batch;
  return undefined;
}
