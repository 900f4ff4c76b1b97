import type { ResidentTables } from '../kernels/shader.ts';
import { ImagePlan, packPlan } from './image-plan.ts';
import { planImage, type SourceImage } from './plan-image.ts';

/** An image with its program. */
export interface BatchImage extends SourceImage {
  /** u8 RGB. */
  readonly pixels: Uint8Array;
  readonly mix?: Mix;
}

interface Mix {
  /** Index of the image of the batch that is blended in, with weight 1 - lambda. */
  readonly partner: number;
  readonly lambda: number;
}

/** An image that is ready for the device, alone or to be blended with another of its batch. */
export interface PreparedImage {
  readonly pixels: Uint8Array;
  readonly plan: ImagePlan;
  readonly mix?: Mix;
}

/** On one thread what streams do on two: a worker makes the plan, the calling thread uses it. */
export function prepareImage(image: BatchImage, tables: ResidentTables): PreparedImage {
  const { pixels, mix } = image;
  return {
    pixels,
    plan: new ImagePlan(packPlan(planImage(image, tables)).slice()),
    ...(mix !== undefined && { mix }),
  };
}
