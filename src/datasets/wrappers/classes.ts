import { DataError, ParameterError } from '../../core/errors.ts';
import { listedNames } from '../class-names.ts';
import { type Dataset, labelsAt } from '../dataset.ts';
import { chosenOf } from '../view.ts';

/** Names of classes, or new names by old ones. */
export type ClassesChoice =
  | readonly string[]
  | Readonly<Record<string, string>>
  | ReadonlyMap<string, string>;

/**
 * Only the samples of these classes, which are numbered anew:
 *
 * - a list of names: in its order: `classes(data, ['dog', 'cat'])` gives dog 0 and cat 1;
 * - an object or a Map from names to new names, of which several may be one: `classes(data, { dog: 'pet', cat: 'pet', car: 'car' })`
 *   gives pet 0 and car 1, in the order in which new names come first.
 *
 * Where samples have several classes, a sample keeps those that are named, and is left out where none is. A sample without a class is
 * left out.
 */
export function classes(dataset: Dataset, chosen: ClassesChoice): Dataset {
  const { name } = dataset;
  const renamed = pairsOf(chosen);
  const names = [...new Set(renamed.values())];
  const own = new Map(dataset.classes.map((one, label) => [one, label]));
  const unknown = [...renamed.keys()].filter((one) => !own.has(one));
  if (unknown.length > 0) {
    const known = `its classes are ${listedNames(dataset.classes)}`;
    throw new ParameterError(
      'UNKNOWN_CLASS',
      `${name}: classes: no class is called ${listedNames(unknown)}; ${known}`,
    );
  }
  const labels = dataset.classes.map((one) => {
    const renaming = renamed.get(one);
    return renaming === undefined ? -1 : names.indexOf(renaming);
  });
  const relabelled = (label: number) => labels[label] ?? -1;
  const marks = Uint8Array.from({ length: dataset.length }, (_, index) => {
    return labelsAt(dataset, index).some((label) => relabelled(label) >= 0) ? 1 : 0;
  });
  if (!marks.includes(1))
    throw new DataError(
      'NOTHING_LEFT',
      `${name}: classes: no sample is of ${listedNames([...renamed.keys()])}`,
    );
  const options = { name: `classes(${name}, ${listedNames(names)})`, classes: names, relabelled };
  return chosenOf(dataset, options, marks, (mark) => mark === 1);
}

/** New names by old ones, in order. */
function pairsOf(chosen: ClassesChoice): ReadonlyMap<string, string> {
  const pairs: [string, string][] = Array.isArray(chosen)
    ? chosen.map((one) => [one, one])
    : [...(chosen instanceof Map ? chosen : Object.entries(Object(chosen)))];
  const isText = pairs.every((pair) => pair.every((one) => typeof one === 'string' && one !== ''));
  if (pairs.length === 0 || typeof chosen !== 'object' || !isText)
    throw new ParameterError(
      'INVALID_OPTION',
      "classes: expected names of classes, ['dog', 'cat'], or new names by old ones, { dog: 'pet' }",
    );
  const twice = pairs.find(([name], i) => pairs.findIndex(([other]) => other === name) !== i);
  if (twice === undefined) return new Map(pairs);
  throw new ParameterError('DUPLICATE_CLASS', `classes: ${twice[0]} is named twice`);
}
