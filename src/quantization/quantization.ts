import type { QuantizedPlaces } from '../core/trainer.ts';
import type { EfficientNet } from '../models/efficientnet.ts';
import { LEVELS } from './integer-layer.ts';
import { type Placement, placesOf } from './placement.ts';
import type { CalibrationMethod } from './range.ts';

/** How a model is quantised. */
export interface CalibrationOptions {
  /** Where values are rounded. Default 'onnxruntime'. */
  readonly placement: Placement;
  /** How ranges of values are chosen; those of weights hold all. Default 'percentile'. */
  readonly method: CalibrationMethod;
  /** Of method 'percentile': how many percent of the values lie inside the range. Default 99.99. */
  readonly percentile?: number;
  /** Batches that ranges are chosen by. Default 11. */
  readonly batches: number;
  /** Largest integer: a range is divided into so many steps. Default 127, int8's; fewer are for studies. */
  readonly levels: number;
}

/** NVIDIA's, whose loop over 10 batches ends after the 11th, but for the placement: theirs is for TensorRT. */
export const calibrationDefaults = {
  placement: 'onnxruntime',
  method: 'percentile',
  percentile: 99.99,
  batches: 11,
  levels: LEVELS,
} as const satisfies CalibrationOptions;

/** How a model was quantised: checkpoints say it in their metadata `quantization`. */
export interface Quantization {
  readonly placement: Placement;
  readonly method: CalibrationMethod;
  /** Of method 'percentile'. */
  readonly percentile?: number;
  /** How many batches the ranges were chosen by, of how many images, and the digest of their stream. */
  readonly batches: number;
  readonly batchSize: number;
  readonly digest: string;
  /** Left out: 127. */
  readonly levels?: number;
}

/** What a trainer is prepared with. */
export function quantizedPlaces(
  model: EfficientNet,
  { placement, levels = calibrationDefaults.levels }: Pick<Quantization, 'placement' | 'levels'>,
): QuantizedPlaces {
  const places = placesOf(model, placement);
  return levels === calibrationDefaults.levels ? places : { ...places, levels };
}
