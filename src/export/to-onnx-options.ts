import type { TensorMap } from '../core/trainer.ts';
import type { Placement } from '../quantization/placement.ts';
import type { EvaluationImages } from './evaluation-images.ts';
import type { ModelInput } from './model-inputs.ts';

export interface ToOnnxOptions {
  readonly input: ModelInput;
  readonly images: EvaluationImages;
  /** One name for each output of the model. */
  readonly classes: readonly string[];
  /** Whether an image may have several of them. Default false. */
  readonly isMultiLabel?: boolean;
  /** Of millrace. */
  readonly version: string;
  /** Left out: all numbers are float32. */
  readonly quantization?: ExportedQuantization | undefined;
}

export interface ExportedQuantization {
  /** The runtime that the file is made for. It rounds values at the places of the same name. */
  readonly profile: Placement;
  /** Largest absolute values, as a state's part `quant` has them. */
  readonly ranges: TensorMap;
  /** Rounds SiLU's sigmoid too: faster, less accurate. */
  readonly hasIntegerSigmoid: boolean;
}
