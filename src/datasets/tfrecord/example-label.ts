import {
  isFault,
  type Label,
  type LabelFault,
  labelInWords,
  labelOf,
  MAX_CLASS_BYTES,
  MAX_CLASSES,
  type SaidLabel,
} from '../tar/sample-label.ts';
import type { Bytes, Range } from '../wire-reader.ts';
import { bytesIn, type Feature, integersOf, valuesOf } from './example.ts';

/**
 * The class that a feature says, by number or by name, or several in a list; -1 where the number is below zero; undefined where it says
 * nothing.
 */
export function exampleLabel(bytes: Bytes, feature: Feature): SaidLabel | LabelFault | undefined {
  if (feature.kind === 'integers') return saidIn(integersOf(bytes, feature, MAX_LABELS), numberIn);
  if (feature.kind === 'floats') return fault('numbers with fractions');
  return saidIn(valuesOf(bytes, feature, MAX_LABELS), (value) => nameIn(bytes, value));
}

/** Of one image; more are no list of its classes. */
const MAX_LABELS = 10_000;

/** One label, or the list of several, each once and none of them missing. */
function saidIn<Value>(
  values: readonly Value[],
  read: (value: Value) => Label | LabelFault | undefined,
): SaidLabel | LabelFault | undefined {
  const [first, ...others] = values.map(read);
  if (others.length === 0) return first;
  const all = [first, ...others];
  const labels = all.filter(isLabel);
  const isList = values.length < MAX_LABELS && new Set(labels).size === values.length;
  if (isList) return labels;
  return all.find(isFault) ?? fault('several values, which are not all classes, each once');
}

const isLabel = (one: Label | LabelFault | undefined): one is Label =>
  typeof one === 'string' || (typeof one === 'number' && one >= 0);

function nameIn(bytes: Bytes, value: Range): Label | LabelFault | undefined {
  const text = bytesIn(bytes, value, MAX_CLASS_BYTES)?.toString();
  if (text?.trim() === '') return undefined;
  return (
    (text === undefined ? undefined : labelOf(text)) ??
    fault(`${value.end - value.start} bytes that are no name`)
  );
}

function numberIn(number: number): number | LabelFault {
  // test splits have -1
  if (number < 0) return -1;
  return number < MAX_CLASSES ? number : fault(String(number));
}

const fault = (got: string): LabelFault => ({
  code: 'INVALID_CLASS',
  message: `expected one class, as ${labelInWords}, got ${got}`,
});
