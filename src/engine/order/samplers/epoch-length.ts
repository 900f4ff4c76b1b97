import { inspect } from 'node:util';
import { ParameterError } from '../../../core/errors.ts';
import { OCCURRENCES } from '../../../core/random.ts';

export interface EpochLength {
  /** Samples that an epoch has, 1 to 2^32 - 1. Default: as many as the dataset. */
  readonly samplesPerEpoch?: number;
}

export const epochLength = ({ samplesPerEpoch }: EpochLength, fallback: number): number =>
  samplesPerEpoch ?? fallback;

/** Those options of a sampler that are given. Refuses one that it does not know, or a number that it cannot have. */
export function givenOptions<Options extends EpochLength>(
  of: string,
  options: Options,
  known: readonly (keyof Options & string)[],
): Partial<Options> {
  if (!(options instanceof Object))
    throw new ParameterError('INVALID_OPTION', `${of}: expected options, got ${inspect(options)}`);
  const unknown = Object.keys(options).find((name) => !(known as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new ParameterError(
      'UNKNOWN_OPTION',
      `${of}: unknown option '${unknown}' (known: ${known.join(', ')})`,
    );
  const { samplesPerEpoch }: EpochLength = options;
  if (samplesPerEpoch !== undefined) checkCount(of, 'samplesPerEpoch', samplesPerEpoch);
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<Options>;
}

/** Throws where a number of samples, classes or rows is no integer >= 1. */
export function checkCount(of: string, name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1 && value < OCCURRENCES) return;
  const message = `${of}: ${name} must be an integer 1..${OCCURRENCES - 1}, got ${inspect(value)}`;
  throw new ParameterError('INVALID_OPTION', message);
}
