/** How many rows of one sample a batch has: as repeats, or as views. At most one of the two is more than 1. */
export interface Copies {
  /** Repeated augmentation: the copies of a sample stand apart, so that neighbours differ. Default 1. */
  readonly repeats?: number;
  /** Rows of one sample that belong together, in blocks that ranks do not part. Default 1. */
  readonly views?: number;
}

/** What stands in a row of a global batch. */
export interface PlacedRow {
  /** Which of the batch's samples. */
  readonly sample: number;
  /** Which of the sample's rows. */
  readonly occurrence: number;
  /** The sample's first row. */
  readonly firstRow: number;
}

export const copiesOf = ({ repeats = 1, views = 1 }: Copies): number => repeats * views;

/** What stands in row `row` of a global batch of so many rows. */
export const placeRow = ({ repeats = 1, views = 1 }: Copies, row: number, rows: number): PlacedRow =>
  views > 1 ? viewAt(row, rows, views) : repeatAt(row, rows, repeats);

/** Copy k of sample j of m stands in row k m + j. In an incomplete batch the last samples may lack their last copy. */
function repeatAt(row: number, rows: number, repeats: number): PlacedRow {
  const samples = Math.ceil(rows / repeats);
  const sample = row % samples;
  return { sample, occurrence: Math.floor(row / samples), firstRow: sample };
}

/**
 * Blocks of 2 k rows hold the k views of two samples: view v of sample s, 0 or 1, in row 2 v + s, so that row i XOR 1 is the same view
 * of another sample. A last sample without a second has a block of k rows.
 */
function viewAt(row: number, rows: number, views: number): PlacedRow {
  const pair = Math.floor(row / (2 * views));
  const start = 2 * views * pair;
  const within = row - start;
  if (start + 2 * views > rows) return { sample: 2 * pair, occurrence: within, firstRow: start };
  const second = within % 2;
  return { sample: 2 * pair + second, occurrence: (within - second) / 2, firstRow: start + second };
}
