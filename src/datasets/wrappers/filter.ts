import { DataError, ParameterError } from '../../core/errors.ts';
import { listOf } from '../../core/multi-labels.ts';
import { inPlugin } from '../../core/plugin.ts';
import type { Dataset } from '../dataset.ts';
import { chosenOf } from '../view.ts';

/** What a filter may decide by. */
export interface FilteredSample {
  readonly index: number;
  readonly key: string;
  /** Class index; -1 for none. Of several the first. */
  readonly label: number;
  /** All of them, where samples may have several, else the one. */
  readonly labels: readonly number[];
  /** Bytes of the encoded sample, as in the dataset's digest. */
  byteLength(): Promise<number>;
}

/** Samples that are asked about before the answers to them are waited for. */
const AT_ONCE = 64;

/**
 * The samples of which the function says true, in the dataset's order, under the same class numbers. The function may be asynchronous:
 *
 * ```ts
 * const small = await filter(data, async ({ byteLength }) => (await byteLength()) < 1e6);
 * ```
 *
 * Its text is in no digest; which samples it keeps is. An error where none is left.
 */
export async function filter(
  dataset: Dataset,
  keeps: (sample: FilteredSample) => boolean | Promise<boolean>,
): Promise<Dataset> {
  if (typeof keeps !== 'function')
    throw new ParameterError('INVALID_OPTION', `filter: expected a function, got ${keeps}`);
  const { length, name } = dataset;
  const marks = new Uint8Array(length);
  for (let first = 0; first < length; first += AT_ONCE) {
    const answers = Array.from({ length: Math.min(AT_ONCE, length - first) }, (_, i) =>
      answerOf(dataset, first + i, keeps),
    );
    // awaiting what is known already would take most of the time
    const known = answers.some((answer) => answer instanceof Promise) ? await Promise.all(answers) : answers;
    for (const [i, answer] of known.entries()) marks[first + i] = checked(name, first + i, answer) ? 1 : 0;
  }
  if (!marks.includes(1))
    throw new DataError('NOTHING_LEFT', `${name}: filter: the function keeps none of ${length} samples`);
  return chosenOf(dataset, { name: `filter(${name})` }, marks, (mark) => mark === 1);
}

function answerOf(
  dataset: Dataset,
  index: number,
  keeps: (sample: FilteredSample) => boolean | Promise<boolean>,
): boolean | Promise<boolean> {
  const [key, label] = [dataset.key(index), dataset.label(index)];
  const labels = dataset.labels?.(index) ?? listOf({ label });
  const byteLength = () => dataset.byteLength(index);
  const plugin = { kind: 'dataset', name: `filter(${dataset.name})` } as const;
  return inPlugin(plugin, { sample: key }, () => keeps({ index, key, label, labels, byteLength }));
}

function checked(name: string, index: number, answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer;
  const message = `filter: the function must return true or false, got ${answer} for index ${index}`;
  throw new ParameterError('INVALID_OPTION', `${name}: ${message}`);
}
