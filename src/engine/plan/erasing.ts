import type { EraseBox, FinishRow } from '../../../backends/backend.ts';
import { checkDrawn } from '../../../operators/draw-and-lower.ts';
import type { DrawnBoxes, TensorOperator } from '../../../operators/operator.ts';
import type { Drawn } from '../../core/batch.ts';
import { ParameterError } from '../../core/errors.ts';
import type { Size } from '../../core/image.ts';
import { randomFor } from '../../core/random.ts';
import { naming } from './naming.ts';
import type { SampleCoordinates } from './sample-coordinates.ts';

/** A tensor operator with its parameters filled in. */
export interface TensorStep {
  // biome-ignore lint/suspicious/noExplicitAny: its parameters were checked by this operator when the step was made.
  readonly operator: TensorOperator<any>;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The steps that erase parts of rows, before these are mixed and after. */
export interface ErasingSteps {
  readonly erase?: TensorStep | undefined;
  readonly eraseAfter?: TensorStep | undefined;
  /** Which keys the first one's draws: the number of image steps. The second one's is the next. */
  readonly position: number;
}

/** What is erased of one row. */
export type Erasing = Pick<FinishRow, 'erase' | 'eraseAfter'>;

/** Draws what is erased of a row of this size, and takes down the draws in `drawn`. */
export function drawErasing(steps: ErasingSteps, size: Size, at: SampleCoordinates, drawn: Drawn[]): Erasing {
  const { erase, eraseAfter, position } = steps;
  return erasing(
    erase && drawBoxes(erase, position, size, at, drawn),
    eraseAfter && drawBoxes(eraseAfter, position + 1, size, at, drawn),
  );
}

/** What is erased of a row, by all that was drawn for it. */
export function erasingOf({ erase, eraseAfter, position }: ErasingSteps, drawn: readonly Drawn[]): Erasing {
  const boxesAt = (place: number) => (drawn[place]?.values as DrawnBoxes | undefined)?.boxes;
  const after = position + (erase === undefined ? 0 : 1);
  return erasing(erase && boxesAt(position), eraseAfter && boxesAt(after));
}

const erasing = (before: readonly EraseBox[] = [], after: readonly EraseBox[] = []): Erasing => ({
  ...(before.length > 0 && { erase: before }),
  ...(after.length > 0 && { eraseAfter: after }),
});

function drawBoxes(
  { operator, parameters }: TensorStep,
  position: number,
  size: Size,
  { seed, epoch, sampleId, occurrence = 0, key }: SampleCoordinates,
  drawn: Drawn[],
): readonly EraseBox[] {
  const rng = randomFor(seed, epoch, sampleId, position, 'sample', occurrence);
  return naming(operator.name, { sample: key }, () => {
    const values = operator.draw(parameters, rng, size, occurrence);
    checkDrawn(values);
    const boxes = checkBoxes(values?.boxes, size);
    drawn.push({ operator: operator.name, values });
    return boxes;
  });
}

function checkBoxes(boxes: unknown, size: Size): readonly EraseBox[] {
  if (!Array.isArray(boxes)) throw wrongBoxes('a list', boxes);
  const wrong = boxes.find((box) => !isInside(box, size) || !(isTriple(box.fill) || isKey(box.noise)));
  if (wrong === undefined) return boxes;
  throw wrongBoxes(`boxes within ${size.width} x ${size.height} pixels, each with a fill or noise`, wrong);
}

/** Whether this is a box of whole pixels, at least one, that lies in an image of this size. */
export function isInside(box: unknown, { width, height }: Size): boolean {
  if (typeof box !== 'object' || box === null) return false;
  const { left, top, width: w, height: h } = box as Readonly<Record<string, number>>;
  return isSpan(left, w, width) && isSpan(top, h, height);
}

const isSpan = (first: unknown, length: unknown, side: number): boolean =>
  Number.isInteger(first) &&
  Number.isInteger(length) &&
  (first as number) >= 0 &&
  (length as number) > 0 &&
  (first as number) + (length as number) <= side;

const isTriple = (fill: unknown): boolean =>
  Array.isArray(fill) && fill.length === 3 && fill.every(Number.isFinite);

const isKey = (key: unknown): boolean =>
  Array.isArray(key) && key.length === 2 && key.every((word) => word >>> 0 === word);

const wrongBoxes = (expected: string, got: unknown): ParameterError =>
  new ParameterError('INVALID_BOXES', `draw must return { boxes }: ${expected}, got ${JSON.stringify(got)}`);
