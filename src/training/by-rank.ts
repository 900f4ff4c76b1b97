/** Who has which value, `rank 1 has a; ranks 0, 2 have b`, the rarest first; undefined where all have the same. */
export function differenceByRank(values: readonly string[]): string | undefined {
  const ranksOf = ranksByValue(values);
  if (ranksOf.size < 2) return undefined;
  return [...ranksOf]
    .sort(([, a], [, b]) => a.length - b.length)
    .map(([value, ranks]) => `${namesOf(ranks)} ${value}`)
    .join('; ');
}

/** The ranks that have each of these values, in the order of the first that has it. */
export function ranksByValue(values: readonly string[]): Map<string, number[]> {
  const ranksOf = new Map<string, number[]>();
  for (const [rank, value] of values.entries()) ranksOf.set(value, [...(ranksOf.get(value) ?? []), rank]);
  return ranksOf;
}

const MOST_NAMED = 8;

function namesOf(ranks: readonly number[]): string {
  if (ranks.length === 1) return `rank ${ranks[0]} has`;
  const named = ranks.slice(0, MOST_NAMED).join(', ');
  return `ranks ${named}${ranks.length > MOST_NAMED ? ` and ${ranks.length - MOST_NAMED} more` : ''} have`;
}
