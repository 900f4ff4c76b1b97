import type { Mixing, RowFacts } from '../core/batch.ts';
import type { Box } from '../core/image.ts';
import { mixOf } from '../core/mixing.ts';
import { labelsOfRow, type RowLabels } from '../core/multi-labels.ts';

/** A row of the training stream with its loss: where it stood, and what it showed. */
export interface Outlier extends RowLabels {
  readonly loss: number;
  readonly step: number;
  readonly epoch: number;
  /** Index of its batch within the epoch, and of the row within the batch. */
  readonly batch: number;
  readonly row: number;
  /** Index in the dataset, and key. */
  readonly id: number;
  readonly key: string;
  /** Which of its sample's rows it is, where the batch has several of some. */
  readonly occurrence?: number;
  /** Where it was mixed: the label of its partner, the weight of its own, and the part that its partner's pixels fill. */
  readonly mixed?: RowLabels & { readonly lambda: number; readonly box?: Box };
  /** Key of the bad sample that it stands in for. */
  readonly substitutes?: string;
}

export interface EpochOutliers {
  readonly epoch: number;
  /** Rows among which these are the highest: fewer than the epoch's where only a part of it was trained on. */
  readonly images: number;
  /** How many rows had a loss that is not a number. */
  readonly notNumbers: number;
  /** The highest loss first, of equal ones the earlier in the stream. */
  readonly outliers: readonly Outlier[];
}

/** Keeps the rows with the highest losses of an epoch. A loss that is not a number is higher than any other. */
export class Outliers {
  readonly #most: number;
  #kept: Outlier[] = [];
  #images = 0;
  #notNumbers = 0;
  #epoch = 0;

  /** @param most how many rows are kept */
  constructor(most: number) {
    this.#most = most;
  }

  add(batch: RowFacts, step: number, losses: Float32Array): void {
    this.#epoch = batch.epoch;
    this.#images += losses.length;
    for (const [row, loss] of losses.entries()) {
      if (Number.isNaN(loss)) this.#notNumbers++;
      if (this.#isAmongHighest(loss)) this.#insert(outlierOf(batch, step, row, loss));
    }
  }

  /** What was added since the lap before; undefined where that is nothing. */
  lap(): EpochOutliers | undefined {
    const [epoch, images, notNumbers, outliers] = [this.#epoch, this.#images, this.#notNumbers, this.#kept];
    this.#images = this.#notNumbers = 0;
    this.#kept = [];
    return images === 0 ? undefined : { epoch, images, notNumbers, outliers };
  }

  #isAmongHighest(loss: number): boolean {
    const lowest = this.#kept[this.#most - 1];
    return lowest === undefined || isHigher(loss, lowest.loss);
  }

  #insert(outlier: Outlier): void {
    const place = this.#kept.findIndex(({ loss }) => isHigher(outlier.loss, loss));
    this.#kept.splice(place < 0 ? this.#kept.length : place, 0, outlier);
    if (this.#kept.length > this.#most) this.#kept.pop();
  }
}

const isHigher = (a: number, b: number): boolean => a > b || (Number.isNaN(a) && !Number.isNaN(b));

function outlierOf(batch: RowFacts, step: number, row: number, loss: number): Outlier {
  const { epoch, index, ids, keys, occurrences, mixing, substitutions } = batch;
  const mix = mixing && mixOf(mixing, row);
  // of several attempts the first replaced the sample that the stream had here
  const replaced = substitutions.find((substitution) => substitution.row === row);
  return {
    ...{ loss, step, epoch, batch: index, row },
    id: ids[row] as number,
    key: keys[row] as string,
    ...labelsOfRow(batch, row),
    ...(occurrences && { occurrence: occurrences[row] as number }),
    ...(mix && { mixed: { ...partnerOf(batch, mixing, row), ...mix } }),
    ...(replaced && { substitutes: replaced.key }),
  };
}

const partnerOf = (batch: RowFacts, { partnerRows, partnerLabels }: Mixing, row: number): RowLabels => ({
  ...labelsOfRow(batch, partnerRows[row] as number),
  label: partnerLabels[row] as number,
});
