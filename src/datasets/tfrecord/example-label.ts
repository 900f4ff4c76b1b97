import {
  type Label,
  type LabelFault,
  labelInWords,
  labelOf,
  MAX_CLASS_BYTES,
  MAX_CLASSES,
} from '../tar/sample-label.ts';
import type { Bytes } from '../wire-reader.ts';
import { bytesIn, type Feature, integersOf, valuesOf } from './example.ts';

/** The class that a feature says, by number or by name; -1 where the number is below zero; undefined where it says nothing. */
export function exampleLabel(bytes: Bytes, feature: Feature): Label | LabelFault | undefined {
  if (feature.kind === 'integers') return numberIn(integersOf(bytes, feature, 2));
  if (feature.kind === 'floats') return fault('numbers with fractions');
  const [value, second] = valuesOf(bytes, feature, 2);
  if (value === undefined) return undefined;
  if (second !== undefined) return fault('several values');
  const text = bytesIn(bytes, value, MAX_CLASS_BYTES)?.toString();
  if (text?.trim() === '') return undefined;
  return (
    (text === undefined ? undefined : labelOf(text)) ??
    fault(`${value.end - value.start} bytes that are no name`)
  );
}

function numberIn([number, second]: readonly number[]): number | LabelFault | undefined {
  if (second !== undefined) return fault('several values');
  if (number === undefined) return undefined;
  // test splits have -1
  if (number < 0) return -1;
  return number < MAX_CLASSES ? number : fault(String(number));
}

const fault = (got: string): LabelFault => ({
  code: 'INVALID_CLASS',
  message: `expected one class, as ${labelInWords}, got ${got}`,
});
