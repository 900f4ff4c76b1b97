import { ParameterError } from '../src/core/errors.ts';
import type { Box } from '../src/core/image.ts';
import { namedValues } from '../src/core/plain-data.ts';
import type { DrawingOperator } from './operator.ts';

/** Units that are not written behind a number as they are declared; '' where the name of the value says enough. */
const signs: ReadonlyMap<string, string> = new Map([
  ['degrees', '°'],
  ['pixels', ' px'],
  ['pixels a pixel', ''],
  ['levels', ''],
  ['times', ''],
  ['probability', ''],
]);

/** Digits of a number in a short line. */
const SHORT = 3;

/**
 * What an operator drew for an image, as short lines for people: by its own `describe`, else its name and its numbers.
 * Choices, colours and the like are left out: they are the same for every image.
 */
export function describeDrawn(operator: DrawingOperator, drawn: unknown): readonly string[] {
  if (operator.describe !== undefined) return checkLines(operator.describe(drawn as never));
  const numbers = namedValues(drawn).flatMap(([name, value]) =>
    typeof value === 'number' ? [withUnit(operator, name, value, SHORT)] : [],
  );
  return [[operator.name, ...numbers].join(' ')];
}

/** A number without its rounding errors, and the unit of the parameter of this name. */
export function withUnit(
  { parameters }: Pick<DrawingOperator, 'parameters'>,
  name: string,
  value: number,
  digits: number,
): string {
  const unit: string | undefined = Object.hasOwn(parameters, name) ? parameters[name].unit : undefined;
  return `${Number(value.toPrecision(digits))}${unit === undefined ? '' : (signs.get(unit) ?? ` ${unit}`)}`;
}

/** For the `describe` of operators that cut a part out of the image. */
export const describeBox = ({ left, top, width, height }: Box): string[] => [
  `crop ${width}x${height}`,
  `at ${left},${top}`,
];

function checkLines(lines: unknown): readonly string[] {
  if (Array.isArray(lines) && lines.every((line) => typeof line === 'string')) return lines;
  throw new ParameterError('NO_LINES', `describe must return a list of texts, got ${JSON.stringify(lines)}`);
}
