import { gradientsByLanes } from '../batch-norm.wgsl.ts';

/** A lane adds every 16th part. */
export const batchNormGradientWgsl = (): string =>
  gradientsByLanes(`for (var part = lane; part < p.parts; part += 16u) {
      sums.own += parts_at(2u * part * p.c4 + c);
      sums.products += parts_at((2u * part + 1u) * p.c4 + c);
    }`);
