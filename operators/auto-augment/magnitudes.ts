import type { Size } from '../../src/core/image.ts';
import type { Rng } from '../../src/core/random.ts';
import {
  type OperationName,
  type OperatorNameOf,
  type OptionsOfOperator,
  operatorNameOf,
  type PolicyOperatorName,
} from './operators.ts';

export type Sign = 1 | -1;

/**
 * What an operator is given at a level. The sign is drawn; magnitudes without direction ignore it. A magnitude that is
 * itself a range draws from it.
 */
type Magnitude<Options> = (level: number, sign: Sign, size: Size, rng: Rng) => Options;

/** Of the operators that a policy uses. */
export type Magnitudes = {
  readonly [Name in OperationName]?: Magnitude<OptionsOfOperator<OperatorNameOf<Name>>>;
};

/** An operator with its parameters, as plain data. */
export interface DrawnOperation {
  readonly operator: PolicyOperatorName;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The operator at a level and sign of a policy that uses it. */
export function operationAt(
  magnitudes: Magnitudes,
  name: OperationName,
  ...[level, sign, size, rng]: Parameters<Magnitude<object>>
): DrawnOperation {
  const magnitude = magnitudes[name] as Magnitude<DrawnOperation['parameters']>;
  return { operator: operatorNameOf(name), parameters: magnitude(level, sign, size, rng) };
}
