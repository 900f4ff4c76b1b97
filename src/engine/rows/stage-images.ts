import type { Executor } from '../../../backends/backend.ts';
import { fuseCalls, type KernelCall, outputSize } from '../../../backends/kernels/kernel.ts';
import type { AnyImageOperator } from '../../../operators/operator.ts';
import type { Drawn } from '../../core/batch.ts';
import type { RawImage, Size } from '../../core/image.ts';
import { naming } from '../plan/naming.ts';
import { type ImageStep, isAnyTooLarge } from '../plan/program.ts';

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
 * fusing calls changes no pixel. A step whose image would be too large is shown with the next, which keeps a part of it.
 */
export async function stageImages(
  executor: Executor,
  original: RawImage,
  steps: readonly ImageStep[],
  drawn: readonly Drawn[],
): Promise<StageImage[]> {
  const stages: StageImage[] = [];
  let image = original;
  let size: Size = original;
  let held: readonly KernelCall[] = [];
  for (const [step, { operator }] of steps.entries()) {
    const values = drawn[step]?.values;
    const own = <T>(action: () => T): T => naming(operator.name, {}, action);
    const parts = own(() => operator.parts?.(values)) ?? [{ operator, values, drawn: values }];
    for (const part of parts) {
      const lowered = own(() => operator.lower(part.drawn, size));
      size = lowered.reduce((from, call) => outputSize(call, from), size);
      const calls = [...held, ...lowered];
      const joined = held.length > 0 ? fuseCalls(calls) : calls;
      held = isAnyTooLarge(joined, image) ? calls : [];
      if (held.length > 0) continue;
      image = await runCalls(executor, image, joined);
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
