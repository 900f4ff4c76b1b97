/**
 * The first of so many texts that was there before, and where; undefined where all differ. Sorts numbers made of the texts, and
 * compares only those whose numbers are equal: 8 bytes for each.
 */
export function equalTexts(
  length: number,
  textAt: (index: number) => string,
): [first: number, second: number] | undefined {
  const sorted = new Float64Array(length);
  for (let index = 0; index < length; index++) sorted[index] = numberOf(textAt(index));
  sorted.sort();
  const doubtful = new Set<number>();
  for (let i = 1; i < length; i++) if (sorted[i] === sorted[i - 1]) doubtful.add(sorted[i] as number);
  if (doubtful.size === 0) return undefined;
  const seen = new Map<string, number>();
  for (let index = 0; index < length; index++) {
    const text = textAt(index);
    if (!doubtful.has(numberOf(text))) continue;
    const first = seen.get(text);
    if (first !== undefined) return [first, index];
    seen.set(text, index);
  }
  return undefined;
}

/** 53 bits of two 32-bit FNV-1a hashes over the UTF-16 units, the second from the end. */
function numberOf(text: string): number {
  let [a, b] = [0x811c9dc5, 0x9dc5811c];
  for (let i = 0, j = text.length - 1; j >= 0; i++, j--) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(j), 0x01000193);
  }
  return (a >>> 11) * 2 ** 32 + (b >>> 0);
}
