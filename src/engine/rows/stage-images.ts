import type { Executor } from '../../../backends/backend.ts';
import type { KernelCall } from '../../../backends/kernels/kernel.ts';
import type { AnyImageOperator } from '../../../operators/operator.ts';
import type { Drawn } from '../../core/batch.ts';
import type { RawImage } from '../../core/image.ts';
import { type ImageStep, naming } from '../plan/program.ts';

/** A sample after one operator, or after one part of an operator that is made of others (AutoAugment). */
export interface StageImage extends Drawn {
  /** Place of the step among the image steps. */
  readonly step: number;
  readonly definition: AnyImageOperator;
  /** The operator that this one is a part of. */
  readonly partOf?: string;
  readonly calls: readonly KernelCall[];
  readonly image: RawImage;
}

/**
 * Runs a sample's steps one by one with the values that were drawn for it. The last image is that of the whole program:
 * fusing calls changes no pixel.
 */
export async function stageImages(
  executor: Executor,
  original: RawImage,
  steps: readonly ImageStep[],
  drawn: readonly Drawn[],
): Promise<StageImage[]> {
  const stages: StageImage[] = [];
  let image = original;
  for (const [step, { operator }] of steps.entries()) {
    const values = drawn[step]?.values;
    const own = <T>(action: () => T): T => naming(operator.name, {}, action);
    const parts = own(() => operator.parts?.(values)) ?? [{ operator, values, drawn: values }];
    for (const part of parts) {
      const calls = own(() => operator.lower(part.drawn, image));
      image = await runCalls(executor, image, calls);
      const { operator: definition, values } = part;
      const whole = operator.parts === undefined ? {} : { partOf: operator.name };
      stages.push({ step, operator: definition.name, definition, values, ...whole, calls, image });
    }
  }
  return stages;
}

/** The image that kernel calls make of this one. */
export async function runCalls(
  executor: Executor,
  image: RawImage,
  calls: readonly KernelCall[],
): Promise<RawImage> {
  executor.image(0, image).set(image.data);
  executor.run(0, calls);
  return executor.read(0);
}
