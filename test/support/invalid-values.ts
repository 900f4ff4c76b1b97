import { invert } from '../../operators/image/invert.ts';
import { normalize } from '../../operators/image/normalize.ts';
import type { Parameter } from '../../operators/parameters.ts';

const wrongTypes = [null, '1', true, {}, []];

/** Values that the declaration of a parameter must not accept. */
export function valuesOutside(parameter: Parameter): readonly unknown[] {
  if (parameter.type === 'choice') return [...wrongTypes, 'unknown', 1];
  if (parameter.type === 'boolean') return [null, 'true', 1, {}, []];
  if (parameter.type === 'steps') return [...wrongTypes, invert(), [invert(), normalize()], [() => {}]];
  if (parameter.type === 'text') return [null, true, {}, [], 1, '', 'unknown'];
  const outside = [Number.NaN, parameter.min - 1, parameter.max + 1, Number.POSITIVE_INFINITY];
  if (parameter.type === 'numbers') return [...wrongTypes, parameter.min, ...outside.map((value) => [value])];
  if (parameter.type === 'range') {
    const { min, max } = parameter;
    const pairs = outside.flatMap((value) => [
      [min, value],
      [value, max],
    ]);
    const fractions = parameter.integer ? [[min, min + 0.5]] : [];
    return [...wrongTypes, min, [max, min], [min], [min, max, max], ...pairs, ...fractions];
  }
  if (parameter.type === 'triple') {
    const { min, max } = parameter;
    const fractions = parameter.integer ? [[min, min + 0.5, max]] : [];
    return [
      ...wrongTypes,
      min,
      [min, max],
      [min, max, min, max],
      ...outside.map((value) => [min, value, max]),
      ...fractions,
    ];
  }
  return [
    ...wrongTypes,
    ...outside,
    ...(parameter.type === 'integer' ? [parameter.min + 0.5] : []),
    [parameter.min],
  ];
}
