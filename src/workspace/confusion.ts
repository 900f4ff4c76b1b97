/** How many images of one class were taken for another, or were told right. */
export interface ConfusionCell {
  /** Class index of the images. */
  readonly label: number;
  /** Class index of the best guess; -1 for none. */
  readonly prediction: number;
  readonly images: number;
}

/** What an evaluation took for what. */
export interface Confusion {
  /** Of the evaluated weights; undefined where an evaluation stands alone. */
  readonly epoch: number | undefined;
  readonly classes: readonly string[];
  readonly cells: readonly ConfusionCell[];
}

/** Counts of (class, best guess). It takes the room of the pairs that occur: few, with a thousand classes too. */
export class ConfusionCounts {
  readonly #rows = new Map<number, Map<number, number>>();

  add(labels: ArrayLike<number>, predictions: ArrayLike<number>): void {
    for (let row = 0; row < labels.length; row++)
      this.addCell({ label: labels[row] as number, prediction: predictions[row] as number, images: 1 });
  }

  addCell({ label, prediction, images }: ConfusionCell): void {
    const counts = this.#rows.get(label) ?? new Map<number, number>();
    counts.set(prediction, (counts.get(prediction) ?? 0) + images);
    this.#rows.set(label, counts);
  }

  /** All pairs that occurred, ordered by class and by guess. */
  get cells(): ConfusionCell[] {
    return [...this.#rows]
      .flatMap(([label, counts]) =>
        [...counts].map(([prediction, images]) => ({ label, prediction, images })),
      )
      .sort((a, b) => a.label - b.label || a.prediction - b.prediction);
  }
}

/** What several evaluations of other images took for what, together; undefined where one of them does not tell. */
export function mergeConfusion(
  all: readonly (readonly ConfusionCell[] | undefined)[],
): ConfusionCell[] | undefined {
  const counts = new ConfusionCounts();
  for (const cells of all) {
    if (cells === undefined) return undefined;
    for (const cell of cells) counts.addCell(cell);
  }
  return counts.cells;
}
