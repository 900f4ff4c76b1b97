import { describeDrawn } from '../../operators/describe.ts';
import type { DrawingOperator } from '../../operators/operator.ts';
import type { Drawn } from '../core/batch.ts';
import { namesOf } from '../core/multi-labels.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { locateSample } from '../datasets/sample.ts';
import { naming } from '../engine/plan/naming.ts';
import type { PreviewMix } from './previewed-mixes.ts';
import { printable } from './text.ts';

/** What these operators drew for an image, as short lines: `crop 120x98`, `at 13,44`, `flipped`, `rotate -16.7 deg`. */
export function describeDraws(operators: readonly DrawingOperator[], drawn: readonly Drawn[]): string[] {
  return operators.flatMap((operator, i) =>
    naming(operator.name, {}, () => describeDrawn(operator, drawn[i]?.values).map(printable)),
  );
}

/** How a row is mixed, as short lines: `with 0.37 dog`, `box 12x20 at 3,4`. */
export function describeMix(dataset: Dataset, mixed: PreviewMix | undefined): string[] {
  if (mixed === undefined) return ['not mixed'];
  const { mix, partnerId } = mixed;
  const share = Number((1 - mix.lambda).toFixed(2));
  const name = printable(namesOf(dataset.classes, locateSample(dataset, partnerId)));
  const { box } = mix;
  return [
    `with ${share} ${name}`,
    ...(box ? [`box ${box.width}x${box.height} at ${box.left},${box.top}`] : []),
  ];
}
