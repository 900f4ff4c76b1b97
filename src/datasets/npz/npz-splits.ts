import { type Division, divide, noSplit, type Split, splitCalled, splitsIn } from '../opening/split.ts';

/** Names of the arrays of images and of their classes. */
export interface ArrayNames {
  readonly images: string;
  readonly labels: string;
}

/** `train_images` as MedMNIST has them, `x_train` as Keras has them; `images` and `x` of an undivided file. */
const images = /^(?:(?<before>[a-z]+)_images|x_(?<after>[a-z]+)|images|x)$/i;

/** The split that an array of images is of; undefined where its name says none. */
function splitOf(name: string): Split | undefined {
  const { before, after } = images.exec(name)?.groups ?? {};
  return splitCalled(before ?? after ?? '');
}

/** Which arrays of images are of which split; none where the file is undivided. */
export function npzDivision(names: readonly string[]): Division {
  return divide(names, splitOf);
}

/** The arrays of a split; of an undivided file those that it has, which are train. */
export function chooseArrays(
  path: string,
  names: readonly string[],
  split: Split,
): ArrayNames & { readonly split?: Split } {
  const division = npzDivision(names);
  const found = splitsIn(division).length > 0 ? division[split] : names.filter((name) => images.test(name));
  const [name] = split === 'train' || splitsIn(division).length > 0 ? found : [];
  if (name !== undefined)
    return { images: name, labels: labelsOf(name), ...(splitsIn(division).length > 0 && { split }) };
  const there = `; its arrays are: ${names.slice(0, 20).join(', ') || 'none'}`;
  const expected = `images (expected an array ${split}_images or x_${split})${there}`;
  throw noSplit(path, split, division, expected);
}

const labelsOf = (name: string): string =>
  name
    .replace(/images$/i, 'labels')
    .replace(/^x(?=_|$)/, 'y')
    .replace(/^X(?=_|$)/, 'Y');

/** The arrays of classes of all splits. */
export const labelArrays = (names: readonly string[]): string[] =>
  names
    .filter((name) => images.test(name))
    .map(labelsOf)
    .filter((name) => names.includes(name));
