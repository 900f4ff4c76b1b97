import { describeDrawn } from '../../operators/describe.ts';
import type { DrawingOperator } from '../../operators/operator.ts';
import type { Drawn } from '../core/batch.ts';
import { naming } from '../engine/plan/naming.ts';
import { printable } from './text.ts';

/** What these operators drew for an image, as short lines: `crop 120x98`, `at 13,44`, `flipped`, `rotate -16.7 deg`. */
export function describeDraws(operators: readonly DrawingOperator[], drawn: readonly Drawn[]): string[] {
  return operators.flatMap((operator, i) =>
    naming(operator.name, {}, () => describeDrawn(operator, drawn[i]?.values).map(printable)),
  );
}
