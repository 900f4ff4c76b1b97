import type { RowFinish } from '../kernels/finish/row-finish.ts';
import type { ResidentTables } from '../kernels/shader.ts';
import { ImagePlan, packPlan } from './image-plan.ts';
import { planImage, type SourceImage } from './plan-image.ts';

/** An image with its program. Its partner is one of the batch's images. */
export interface BatchImage extends SourceImage, RowFinish {
  /** u8 RGB. */
  readonly pixels: Uint8Array;
}

/** An image that is ready for the device, alone or to be blended with another of its batch. */
export interface PreparedImage extends RowFinish {
  readonly pixels: Uint8Array;
  readonly plan: ImagePlan;
}

/** On one thread what streams do on two: a worker makes the plan, the calling thread uses it. */
export function prepareImage(image: BatchImage, tables: ResidentTables): PreparedImage {
  const { pixels, size: _, stride: __, calls: ___, ...finish } = image;
  return { pixels, plan: new ImagePlan(packPlan(planImage(image, tables)).slice()), ...finish };
}
