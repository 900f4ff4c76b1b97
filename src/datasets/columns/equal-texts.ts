import { textNumber } from './text-number.ts';

/**
 * The first of so many texts that was there before, and where; undefined where all differ. Sorts numbers made of the texts, and
 * compares only those whose numbers are equal: 8 bytes for each.
 */
export function equalTexts(
  length: number,
  textAt: (index: number) => string,
): [first: number, second: number] | undefined {
  const sorted = new Float64Array(length);
  for (let index = 0; index < length; index++) sorted[index] = textNumber(textAt(index));
  sorted.sort();
  const doubtful = new Set<number>();
  for (let i = 1; i < length; i++) if (sorted[i] === sorted[i - 1]) doubtful.add(sorted[i] as number);
  if (doubtful.size === 0) return undefined;
  const seen = new Map<string, number>();
  for (let index = 0; index < length; index++) {
    const text = textAt(index);
    if (!doubtful.has(textNumber(text))) continue;
    const first = seen.get(text);
    if (first !== undefined) return [first, index];
    seen.set(text, index);
  }
  return undefined;
}
