import type { EraseBox } from '../../backends/backend.ts';
import type { KernelCall } from '../../backends/kernels/kernel.ts';
import { fuseCalls, readBox } from '../../backends/kernels/kernel.ts';
import { withUnit } from '../../operators/describe.ts';
import type { DrawingOperator } from '../../operators/operator.ts';
import type { Box, Size } from '../core/image.ts';
import { namedValues } from '../core/plain-data.ts';
import type { StageImage } from '../engine/rows/stage-images.ts';
import type { Replay, ReplayedMixing } from './replay-batch.ts';

/** Digits of a number: enough to tell it from its neighbours, few enough to hide rounding errors. */
const DIGITS = 6;

/** A fact and its value, as words: `['crop', '120 x 98 at 13, 44']`. */
export type Fact = readonly [name: string, value: string];

/** `randomResizedCrop` becomes `random resized crop`. */
export const spaced = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

export const sizeText = ({ width, height }: Size): string => `${width} × ${height}`;

export const percentText = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

/** The part of its input that a stage's calls read, all together; undefined where they read all of it. */
export function partRead(calls: readonly KernelCall[], input: Size): Box | undefined {
  const [first] = fuseCalls(calls);
  if (first === undefined) return undefined;
  const whole = { left: 0, top: 0, width: input.width, height: input.height };
  const box = readBox(first, whole);
  return box.width < input.width || box.height < input.height ? box : undefined;
}

/** What was drawn for a stage, in words. */
export function stageFacts(
  { definition, values, calls, image }: Pick<StageImage, 'definition' | 'values' | 'calls' | 'image'>,
  input: Size,
): Fact[] {
  const box = partRead(calls, input);
  const resized = sizeText(image) === sizeText(box ?? input) ? [] : [['size', sizeText(image)] as Fact];
  const shown = namedValues(values).filter(([name]) => !(box !== undefined && name in box));
  return [
    ...(box === undefined ? [] : boxFacts(box, input)),
    ...resized,
    // the size is said already
    ...shown
      .filter(([name]) => !(name === 'size' && resized.length > 0))
      .map((named) => describeValue(definition, named)),
  ];
}

export const boxFacts = (box: Box, input: Size): Fact[] => [
  ['crop', boxText(box)],
  ['area', `${percentText((box.width * box.height) / (input.width * input.height))} of the image`],
];

/** A drawn value: yes or no for true or false, a number with the unit that the operator declares. */
export function describeValue(
  operator: Pick<DrawingOperator, 'parameters'>,
  [name, value]: readonly [string, unknown],
): Fact {
  if (typeof value === 'boolean') return [spaced(name), value ? 'yes' : 'no'];
  if (typeof value === 'number') return [spaced(name), withUnit(operator, name, value, DIGITS)];
  if (Array.isArray(value))
    return [spaced(name), value.map((part) => describeValue(operator, ['', part])[1]).join(', ')];
  return [spaced(name), typeof value === 'string' ? value : JSON.stringify(value)];
}

/** Which of its sample's rows this is, where there are several. */
export const occurrenceFacts = ({ sample, copies }: Pick<Replay, 'sample' | 'copies'>): Fact[] =>
  copies === 1 ? [] : [['occurrence', `${sample.occurrence} of 0..${copies - 1}`]];

/** What is erased of a row, box by box. */
export function erasedFacts(boxes: readonly EraseBox[]): Fact[] {
  if (boxes.length === 0) return [['boxes', 'none']];
  return boxes.map((box, i): Fact => {
    const content =
      'fill' in box ? `filled with ${box.fill.map(shortNumber).join(', ')}` : 'filled with noise';
    return [boxes.length === 1 ? 'box' : `box ${i + 1}`, `${boxText(box)}, ${content}`];
  });
}

/** How a row of a pipeline that mixes was mixed, in few words. */
export function mixedText({ lambda, box, partner }: ReplayedMixing): string {
  if (partner === undefined) return 'not mixed';
  const where = box === undefined ? '' : `, ${boxText(box)}`;
  return `with ${shortNumber(1 - lambda)} of the partner${where}`;
}

export const boxText = (box: Box): string => `${sizeText(box)} at ${box.left}, ${box.top}`;

export const shortNumber = (value: number): string => String(Number(value.toPrecision(3)));

/** A kernel call with its arguments: `resample(boxLeft 0, ...)`; a table by its length. */
export function describeCall({ kernel, args }: KernelCall): string {
  const parts = Object.keys(kernel.layout).map((name) => {
    const value: number | ArrayLike<number> = args[name];
    return `${name} ${typeof value === 'number' ? Number(value.toPrecision(9)) : `[${value.length} numbers]`}`;
  });
  return `${kernel.name}(${parts.join(', ')})`;
}
