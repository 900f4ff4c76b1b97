/** Values of a vector that follow one another: from `from` up to `to`. */
export type Stretch = readonly [from: number, to: number];

/** Adds a stretch to those that are known, unless it has values of one of them, or values that the vector has not. */
export function addStretch(known: Stretch[], [from, to]: Stretch, length: number): void {
  const isNew = known.every(([start, end]) => to <= start || from >= end);
  if (from >= 0 && from < to && to <= length && isNew) known.push([from, to]);
}

/** What is left of `length` values, in ascending order. */
export function stretchesBetween(known: readonly Stretch[], length: number): Stretch[] {
  const sorted = known.toSorted(([a], [b]) => a - b);
  const starts = [0, ...sorted.map(([, to]) => to)];
  const ends = [...sorted.map(([from]) => from), length];
  return starts.map((from, i): Stretch => [from, ends[i] as number]).filter(([from, to]) => from < to);
}
