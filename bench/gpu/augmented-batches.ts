import { callsOnPart, readBox } from '../../backends/kernels/kernel.ts';
import type { Interpolation } from '../../backends/kernels/resample/calls.ts';
import type { PolicyName } from '../../operators/auto-augment/policies.ts';
import type { RawImage, Size } from '../../src/core/image.ts';
import { drawProgram, type ImageStep } from '../../src/engine/plan/program.ts';
import { autoAugment, randomHorizontalFlip, randomResizedCrop } from '../../src/index.ts';
import { toImageStep } from '../kernels.ts';
import { formatOf, LAMBDA, OUTPUT } from './kernel-batches.ts';
import { cutOut, cutRegions } from './regions.ts';
import type { Batch } from './timed-batch.ts';

/** Of a typical ImageNet file. */
const SOURCE: Size = { width: 500, height: 375 };

export interface Augmentation {
  readonly policy: PolicyName;
  readonly interpolation: Interpolation;
  readonly isMixed: boolean;
}

/** The image steps of a training pipeline. */
export const augmentationSteps = ({ policy, interpolation }: Omit<Augmentation, 'isMixed'>) => [
  randomResizedCrop(OUTPUT.width, { interpolation }),
  randomHorizontalFlip(),
  autoAugment({ policy }),
];

/** Batches as threads hand them to the GPU: programs drawn, of each image the part that its program reads. */
export async function augmentedBatches(
  batches: number,
  batchSize: number,
  augmentation: Augmentation,
): Promise<Batch[]> {
  const steps = augmentationSteps(augmentation).map(toImageStep);
  const sources = await cutRegions(SOURCE, batchSize);
  return Array.from({ length: batches }, (_, batch) => {
    const images = sources.map((source, row) => ({
      ...readyImage(source, steps, batch * batchSize + row),
      ...(augmentation.isMixed && (row ^ 1) < batchSize && { mix: { partner: row ^ 1, lambda: LAMBDA } }),
    }));
    return { images, format: formatOf('float16') };
  });
}

function readyImage(source: RawImage, steps: readonly ImageStep[], sampleId: number) {
  const { width, height } = source;
  const { calls } = drawProgram(steps, source, { seed: 1, epoch: 0, sampleId });
  const whole = { left: 0, top: 0, width, height };
  const box = calls[0] === undefined ? whole : readBox(calls[0], whole);
  const { data, ...size } = cutOut(source, box);
  return { pixels: data, size, calls: callsOnPart(calls, box) };
}
