import { fromErrorRecord } from '../core/errors.ts';
import { sampleError } from '../core/sample-error.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { SampleReader } from '../datasets/sample-reader.ts';
import { decodeOptions, imageSteps } from '../engine/plan/plan.ts';
import { drawProgram } from '../engine/plan/program.ts';
import { sourceSize } from '../engine/rows/decode-source.ts';
import { evaluationPlan, type Recipe } from '../streams/recipe.ts';
import { Agreement } from './ranks/agreement.ts';

/** Reading does not wait: other work has its turn after so many samples. */
const SAMPLES_AT_ONCE = 32;

/**
 * Reads the header of every image that will be evaluated and draws its program: what would end the evaluation after the first
 * epoch (a file that is gone, no image, too many pixels) is better known before it. No pixel is decoded. Rejects with
 * what the evaluation would reject with. Ranks share the work, and all reject where one does.
 */
export async function checkValidation(
  dataset: Dataset,
  images: Pick<Recipe, 'imageSize' | 'interpolation'>,
  signal?: AbortSignal,
  agreement = new Agreement(),
): Promise<void> {
  const { rank, size } = agreement.ranks;
  // in order, so that all hear of the first image that is bad
  const start = (one: number) => Math.floor((dataset.length * one) / size);
  const range = { from: start(rank), to: start(rank + 1) };
  await agreement.together(() => checkImages(dataset, images, range, signal));
}

async function checkImages(
  dataset: Dataset,
  images: Pick<Recipe, 'imageSize' | 'interpolation'>,
  { from, to }: { readonly from: number; readonly to: number },
  signal: AbortSignal | undefined,
): Promise<void> {
  const plan = evaluationPlan(images);
  const decoding = decodeOptions(plan);
  const steps = imageSteps(plan);
  const reader = await SampleReader.open(dataset.reader);
  try {
    for (let sampleId = from; sampleId < to && !signal?.aborted; sampleId++) {
      const sample = { key: dataset.key(sampleId), locator: dataset.locator(sampleId) };
      try {
        const size = sourceSize(await reader.read(sample), decoding);
        drawProgram(steps, size, { seed: 0, epoch: 0, sampleId, key: sample.key });
      } catch (error) {
        throw fromErrorRecord(sampleError(error, sample));
      }
      if (sampleId % SAMPLES_AT_ONCE === 0) await new Promise(setImmediate);
    }
  } finally {
    await reader.close();
  }
}
