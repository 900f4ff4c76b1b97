import { operators } from '../../operators/registry.ts';
import { type ApplyOptions, applyOperators } from '../../src/apply.ts';
import type { RawImage } from '../../src/core/image.ts';
import type { Step } from '../../src/core/step.ts';

export const backends = ['reference', 'cpu'] as const;
export type OperatorName = keyof typeof operators;

/** The step that a call of the built-in operator of this name makes; the arguments are checked when it is made. */
export const stepOf = (name: string, args: readonly unknown[]): Step =>
  (operators[name as OperatorName] as (...args: readonly unknown[]) => Step)(...args);

/** An image operator's result. */
export async function applyStep(image: RawImage, step: Step, options: ApplyOptions): Promise<RawImage> {
  const result = await applyOperators(image, [step], options);
  if (!(result.data instanceof Uint8Array)) throw new Error('expected an image, got a tensor');
  return { width: result.width, height: result.height, data: result.data };
}
