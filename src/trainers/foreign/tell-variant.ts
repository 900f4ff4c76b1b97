import type { TensorMap } from '../../core/trainer.ts';
import { type EfficientNetOptions, efficientNet } from '../../models/efficientnet.ts';
import { type Variant, variants } from '../../models/scaling.ts';
import type { Naming } from './naming.ts';
import { firstMisfit } from './own-names.ts';

/** The variant whose tensors, all of them, these are, with what is given of it: each differs from the others in shapes. */
export function tellVariant(
  naming: Naming,
  weights: TensorMap,
  given: EfficientNetOptions,
): Variant | undefined {
  const names = Object.keys(variants) as Variant[];
  return names.find(
    (variant) => firstMisfit(efficientNet({ ...given, variant }), naming, weights) === undefined,
  );
}
