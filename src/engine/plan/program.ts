import { fuseCalls, type KernelCall, outputSize } from '../../../backends/kernels/kernel.ts';
import { sideParameter } from '../../../operators/common-parameters.ts';
import { drawValues, lowerValues } from '../../../operators/draw-and-lower.ts';
import type { ImageStep } from '../../../operators/operator.ts';
import type { Drawn } from '../../core/batch.ts';
import { DataError } from '../../core/errors.ts';
import type { Size } from '../../core/image.ts';
import { randomFor } from '../../core/random.ts';
import { drawErasing, type Erasing, type ErasingSteps } from './erasing.ts';
import { naming } from './naming.ts';
import type { SampleCoordinates } from './sample-coordinates.ts';

export type { ImageStep };

/** A sample's augmentation: kernel calls in order, what was drawn for them, and the size they end in. */
export interface Program {
  /** What executors run: neighbouring calls are joined where a kernel can. */
  readonly calls: readonly KernelCall[];
  /** What each step lowered to, one by one: for what tells of steps, or compares them. */
  readonly lowered: readonly (readonly KernelCall[])[];
  readonly drawn: readonly Drawn[];
  readonly size: Size;
  /** What is erased of the row. */
  readonly erasing: Erasing;
}

/**
 * Draws every operator for one sample of the given size and lowers it to kernel calls.
 *
 * Calls are fused here and nowhere else on their way to a batch. Once is enough: every sample's program is drawn here, and
 * as a whole, so that calls of different steps join; what comes after (decoding the part that the first call reads,
 * staging, executors, the GPU's plan) neither adds calls nor puts them in another order. Only what looks at steps apart
 * has calls that are not fused: `lowered`, and the stages of stage-images.ts, which end in the same pixels.
 */
export function drawProgram(
  steps: readonly ImageStep[],
  input: Size,
  at: SampleCoordinates,
  erasingSteps?: ErasingSteps,
): Program {
  const lowered: (readonly KernelCall[])[] = [];
  const drawn: Drawn[] = [];
  const inHand = { sample: at.key };
  const { occurrence = 0 } = at;
  const sizes: Size[] = [];
  let size = input;
  for (const [position, step] of steps.entries()) {
    const { operator } = step;
    const rng = randomFor(at.seed, at.epoch, at.sampleId, position, 'sample', occurrence);
    // an operator's own: what it does to it must not change what the engine takes the image for
    const given = Object.freeze({ width: size.width, height: size.height });
    const values = naming(operator.name, inHand, () => drawValues(step, rng, given, occurrence));
    const calls = naming(operator.name, inHand, () => lowerValues(operator, values, given));
    drawn.push({ operator: operator.name, values });
    lowered.push(calls);
    size = calls.reduce((from, call) => outputSize(call, from), size);
    sizes.push(size);
  }
  const calls = fuseCalls(lowered.flat());
  if (isAnyTooLarge(calls, input)) throw tooLarge(steps, input, sizes);
  const erasing = erasingSteps === undefined ? {} : drawErasing(erasingSteps, size, at, drawn);
  return { calls, lowered, drawn, size, erasing };
}

/** Whether one of the images that these calls make is too large. What lies between joined calls is never made. */
export function isAnyTooLarge(calls: readonly KernelCall[], input: Size): boolean {
  let size = input;
  return calls.some((call) => {
    size = outputSize(call, size);
    return longSide(size) > Math.max(sideParameter.max, longSide(input));
  });
}

const longSide = ({ width, height }: Size): number => Math.max(width, height);

function tooLarge(steps: readonly ImageStep[], input: Size, sizes: readonly Size[]): DataError {
  const first = sizes.findIndex((size) => longSide(size) > sideParameter.max);
  const operator = steps[first]?.operator.name ?? '';
  return new DataError(
    'IMAGE_TOO_LARGE',
    `${operator}: an image of ${input.width} x ${input.height} would be ${longSide(sizes[first] ?? input)} pixels long, ` +
      `at most ${sideParameter.max} are allowed; crop it in the next step`,
    { operator },
  );
}
