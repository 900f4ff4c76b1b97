import type { Dataset } from '../dataset.ts';

/**
 * Two samples with one key, ascending; undefined where there are none. Sorts numbers made of the keys and compares only keys whose numbers
 * are equal: 8 bytes for each sample.
 */
export function equalKeys(dataset: Dataset): [first: number, second: number] | undefined {
  const { length } = dataset;
  const sorted = Float64Array.from({ length }, (_, index) => numberOf(dataset.key(index))).sort();
  const doubtful = new Set<number>();
  for (let i = 1; i < length; i++) if (sorted[i] === sorted[i - 1]) doubtful.add(sorted[i] as number);
  if (doubtful.size === 0) return undefined;
  const seen = new Map<string, number>();
  for (let index = 0; index < length; index++) {
    const key = dataset.key(index);
    if (!doubtful.has(numberOf(key))) continue;
    const first = seen.get(key);
    if (first !== undefined) return [first, index];
    seen.set(key, index);
  }
  return undefined;
}

/** 53 bits of two 32-bit FNV-1a hashes over the UTF-16 units, the second from the end. */
function numberOf(key: string): number {
  let [a, b] = [0x811c9dc5, 0x9dc5811c];
  for (let i = 0, j = key.length - 1; j >= 0; i++, j--) {
    a = Math.imul(a ^ key.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ key.charCodeAt(j), 0x01000193);
  }
  return (a >>> 11) * 2 ** 32 + (b >>> 0);
}
