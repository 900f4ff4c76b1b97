import type { SamplePlace } from '../datasets/dataset.ts';
import { placesInWords, splits } from '../datasets/opening/split.ts';
import type { DatasetInspection } from '../inspect/inspect-dataset.ts';

const SHOWN_CLASSES = 20;
const SHOWN_BAD = 10;

/** Names of classes with their numbers of samples, the first few. */
export function describeClasses({
  classes,
  classCounts,
  unlabelled,
  severalLabels,
}: Pick<DatasetInspection, 'classes' | 'classCounts' | 'unlabelled' | 'severalLabels'>): string {
  const counts = classes.slice(0, SHOWN_CLASSES).map((name, label) => `${name} ${classCounts[label]}`);
  const more = classes.length > SHOWN_CLASSES ? `, ... (${classes.length}: --json has all)` : '';
  const without = unlabelled > 0 ? `; ${unlabelled} without a label` : '';
  return `${counts.join(', ')}${more}${without}${severalLabels ? ' (samples may have several)' : ''}`;
}

/** What a dataset is, a line for each thing. */
export function describeInspection(inspection: DatasetInspection): string[] {
  const { name, split, samples, bytes, missing, digest, place } = inspection;
  const gone = missing > 0 ? `; ${missing} samples cannot be reached` : '';
  const held = splits.flatMap((one) => {
    const places = inspection.splits[one];
    return places === undefined ? [] : [`${one}: ${placesInWords(places)}`];
  });
  return [
    `source    ${name}${split === undefined ? '' : `, split ${split}`}`,
    ...(held.length === 0 ? [] : [`splits    ${held.join('; ')}`]),
    `samples   ${samples}`,
    `classes   ${describeClasses(inspection)}`,
    `images    ${describeImages(inspection)}`,
    `bytes     ${bytes}${gone}`,
    ...(place === undefined ? [] : [`first     ${describePlace(place)}`]),
    ...describeBad(inspection),
    `digest    ${digest}`,
  ];
}

function describeImages({ lookedAt, samples, formats, width, height }: DatasetInspection): string {
  const kinds = Object.entries(formats).map(([format, count]) => `${count} ${format}`);
  const range = ([least, most]: readonly [number, number]) =>
    least === most ? `${most}` : `${least} to ${most}`;
  const sizes = width && height ? `, ${range(width)} x ${range(height)} pixels` : '';
  return `${lookedAt} of ${samples} looked at${kinds.length === 0 ? '' : `: ${kinds.join(', ')}`}${sizes}`;
}

function describePlace({ path, offset, record }: SamplePlace): string {
  const at = offset === undefined ? '' : `, byte ${offset}`;
  return `${path}${at}${record === undefined ? '' : `, row ${record}`}`;
}

function describeBad({ bad, lookedAt }: DatasetInspection): string[] {
  if (bad.length === 0) return [];
  const more = bad.length > SHOWN_BAD ? [`          ... (--json has all)`] : [];
  const lines = bad
    .slice(0, SHOWN_BAD)
    .map(({ key, code, message }) => `          ${key}: ${code}: ${message}`);
  return [`bad       ${bad.length} of the ${lookedAt} looked at`, ...lines, ...more];
}
