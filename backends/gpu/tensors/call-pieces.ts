/** Calls of a phase that follow one another: those from `first` up to `end`. */
export interface CallPiece {
  readonly first: number;
  readonly end: number;
}

/** So many calls in `parts` pieces, or more where some are to end at `stops`: at least one piece, even of no calls. */
export function piecesOf(calls: number, parts: number, stops: readonly number[] = []): CallPiece[] {
  const length = Math.max(1, Math.ceil(calls / parts));
  const count = Math.ceil(calls / length);
  const ends = Array.from({ length: count }, (_, i) => Math.min(calls, (i + 1) * length));
  const sorted = [...new Set([...ends, ...stops, calls])].sort((a, b) => a - b);
  return sorted.map((end, i) => ({ first: sorted[i - 1] ?? 0, end }));
}
