import type { DrawnPolicy } from '../../operators/auto-augment/policy.ts';
import type { Drawn } from '../core/batch.ts';
import { namedValues } from '../core/plain-data.ts';

/** What was drawn for an image, as short lines: `crop 120x98`, `at 13,44`, `flipped`, `rotate -16.7 deg`. */
export function describeDraws(drawn: readonly Drawn[]): string[] {
  return drawn.flatMap(({ operator, values }) => {
    const describe = describers[operator];
    return describe === undefined ? [describeOperation(operator, values)] : describe(values);
  });
}

/** Operators whose draws read better in words of their own; all others are described by their numbers. */
// biome-ignore lint/suspicious/noExplicitAny: each is given what its operator draws.
const describers: Readonly<Record<string, (values: any) => string[]>> = {
  randomResizedCrop: ({ left, top, width, height }) => [`crop ${width}x${height}`, `at ${left},${top}`],
  randomHorizontalFlip: ({ flip }: { flip: boolean }) => [flip ? 'flipped' : 'not flipped'],
  autoAugment: ({ subPolicy, operations }: DrawnPolicy) => [
    `sub-policy ${subPolicy}`,
    ...(operations.length === 0 ? ['none applied'] : []),
    ...operations.map(({ operator, parameters }) => describeOperation(operator, parameters)),
  ],
};

const units: Readonly<Record<string, string>> = { degrees: ' deg', pixels: ' px', bits: ' bit' };

/** The operator and its numbers; choices, colours and the like are the same for every image. */
function describeOperation(operator: string, values: unknown): string {
  const numbers = namedValues(values)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .map(([name, value]) => `${Number(value.toPrecision(3))}${units[name] ?? ''}`);
  return [operator, ...numbers].join(' ');
}
