/** The classes of each row of a batch, of which a row may have several or none: compressed sparse rows (CSR). */
export interface MultiLabels {
  /** Rows + 1 places in `classes`: row i has those from `offsets[i]` to before `offsets[i + 1]`. */
  readonly offsets: Uint32Array;
  /** Class indices, ascending within a row. */
  readonly classes: Uint32Array;
}

/** A row's label where it has one alone, and its labels where it may have several. */
export interface RowLabels {
  /** Class index; -1 for none. */
  readonly label: number;
  readonly labels?: readonly number[];
}

/** The classes of a sample by name, for people. */
export const namesOf = (classes: readonly string[], of: RowLabels): string =>
  listOf(of)
    .map((label) => classes[label] ?? String(label))
    .join(', ') || 'no label';

/** Of a batch's rows; undefined where each has its one label. */
export function multiLabelsOf(rows: readonly RowLabels[]): MultiLabels | undefined {
  if (rows.every(({ labels }) => labels === undefined)) return undefined;
  return compressed(rows.map(listOf));
}

/** The classes of a sample, as a list in either case. */
export const listOf = ({ label, labels }: RowLabels): readonly number[] =>
  labels ?? (label < 0 ? [] : [label]);

export const classesOfRow = ({ offsets, classes }: MultiLabels, row: number): Uint32Array =>
  classes.subarray(offsets[row], offsets[row + 1]);

/** What a batch says of a row's classes. */
export const labelsOfRow = (
  { labels, multiLabels }: { readonly labels: Int32Array; readonly multiLabels?: MultiLabels },
  row: number,
): RowLabels => ({
  label: labels[row] as number,
  ...(multiLabels && { labels: [...classesOfRow(multiLabels, row)] }),
});

/** Of rows [first, last). */
export function multiLabelsOfRows(
  { offsets, classes }: MultiLabels,
  first: number,
  last: number,
): MultiLabels {
  const start = offsets[first] as number;
  return {
    offsets: offsets.subarray(first, last + 1).map((offset) => offset - start),
    classes: classes.subarray(start, offsets[last]),
  };
}

/** Of these rows, in this order. */
export const multiLabelsAt = (labels: MultiLabels, rows: ArrayLike<number>): MultiLabels =>
  compressed(Array.from(rows, (row) => classesOfRow(labels, row)));

/** Of the rows of several batches, one after the other. */
export const joinedMultiLabels = (parts: readonly MultiLabels[]): MultiLabels =>
  compressed(parts.flatMap((part) => listsOf(part)));

/** A list for each row. */
export const listsOf = (labels: MultiLabels): Uint32Array[] =>
  Array.from({ length: labels.offsets.length - 1 }, (_, row) => classesOfRow(labels, row));

function compressed(lists: readonly ArrayLike<number>[]): MultiLabels {
  const offsets = new Uint32Array(lists.length + 1);
  for (const [row, list] of lists.entries()) offsets[row + 1] = (offsets[row] as number) + list.length;
  const classes = new Uint32Array(offsets[lists.length] as number);
  for (const [row, list] of lists.entries()) classes.set(list, offsets[row]);
  return { offsets, classes };
}
