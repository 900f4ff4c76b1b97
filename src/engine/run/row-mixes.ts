import { inspect } from 'node:util';
import type { BatchOperator, MixUnit } from '../../../operators/operator.ts';
import { ParameterError } from '../../core/errors.ts';
import type { Size } from '../../core/image.ts';
import type { RowMix } from '../../core/mixing.ts';
import { randomFor } from '../../core/random.ts';
import type { BatchRequest } from '../order/feed.ts';
import { isInside } from '../plan/erasing.ts';
import { naming } from '../plan/naming.ts';
import { batchOperator, type Plan } from '../plan/plan.ts';

/** How each row of a batch is mixed with row XOR 1; undefined: it is not. */
export type Mixes = readonly (RowMix | undefined)[];
/** Of a batch, who stands where. */
export interface MixedRows extends Pick<BatchRequest, 'epoch' | 'index' | 'firstPosition'> {
  readonly rows: readonly { readonly id: number }[];
}
export type RowMixes = (request: MixedRows) => Mixes;

/** Rows that are drawn for once. */
const rowsOfUnit: Readonly<Record<MixUnit, number>> = { batch: Number.POSITIVE_INFINITY, pair: 2, row: 1 };

/**
 * Draws how rows are mixed. What is drawn for a batch depends on its index, for a pair or a row on its place in the epoch: not on
 * the rank that has it. A row without a partner is not mixed, nor one whose partner is the same sample. Undefined where the
 * plan mixes nothing.
 */
export function rowMixes(plan: Plan, seed: number, size: Size): RowMixes | undefined {
  const operator = batchOperator(plan);
  if (operator === undefined) return undefined;
  const { parameters } = (plan.batch as NonNullable<Plan['batch']>).description;
  const unit = unitOf(operator, parameters);
  return (request) => {
    const { epoch, index, firstPosition, rows } = request;
    const drawAt = (row: number): RowMix | undefined => {
      const rng =
        unit === 'batch'
          ? randomFor(seed, epoch, index, 0, 'batch')
          : randomFor(seed, epoch, firstPosition + row, 0, 'mix');
      return naming(operator.name, { batch: `batch ${index} of epoch ${epoch}` }, () =>
        checkMix(operator.draw(parameters, rng, size), size),
      );
    };
    let drawn: RowMix | undefined;
    return rows.map((_, row) => {
      if (row % rowsOfUnit[unit] === 0) drawn = drawAt(row);
      return hasPartner(request, row) ? drawn : undefined;
    });
  };
}

// biome-ignore lint/suspicious/noExplicitAny: erased, as in plan.ts.
function unitOf(operator: BatchOperator<any>, parameters: Readonly<Record<string, unknown>>): MixUnit {
  const unit = naming(operator.name, {}, () => operator.unit?.(parameters) ?? 'batch');
  if (Object.hasOwn(rowsOfUnit, unit)) return unit;
  const message = `${operator.name}: unit must return 'batch', 'pair' or 'row', got ${unit}`;
  throw new ParameterError('INVALID_UNIT', message, { operator: operator.name });
}

function hasPartner({ rows }: MixedRows, row: number): boolean {
  const partner = rows[row ^ 1];
  return partner !== undefined && partner.id !== rows[row]?.id;
}

function checkMix(mix: RowMix | undefined, size: Size): RowMix | undefined {
  if (mix === undefined) return undefined;
  const { lambda, box }: { readonly lambda?: unknown; readonly box?: unknown } = mix ?? {};
  if (!(typeof lambda === 'number' && lambda >= 0 && lambda <= 1)) {
    const given = inspect((mix as unknown) instanceof Object ? lambda : mix);
    const message = `draw must return { lambda }, a number of 0..1, got ${given}`;
    throw new ParameterError('INVALID_LAMBDA', message);
  }
  if (box === undefined || isInside(box, size)) return mix;
  const within = `${size.width} x ${size.height}`;
  const message = `draw must return a box of pixels within ${within}, got ${JSON.stringify(box)}`;
  throw new ParameterError('INVALID_BOX', message);
}
