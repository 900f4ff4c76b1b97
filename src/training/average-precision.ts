import { joinedMultiLabels, listsOf, type MultiLabels } from '../core/multi-labels.ts';
import type { ClassFigures } from '../workspace/class-figures.ts';

/** Scores [rows, classes] of rows that may have several classes. Plain data. */
export interface ScoredRows {
  readonly scores: Float32Array;
  readonly labels: MultiLabels;
}

/** How well each class is told, and the mean of their average precisions. */
export interface AveragePrecisions {
  /** 0..1, over the classes that images have; not a number where no image has any. */
  readonly mAP: number;
  readonly perClass: readonly Omit<ClassFigures, 'name'>[];
}

/**
 * Of all rows of these parts, whose order does not matter. The average precision of a class is the sum over scores, from the highest
 * down, of what recall they add times the precision so far, equal scores at once: scikit-learn's `average_precision_score`. Precision
 * and recall are those of the rows whose score, a logit, is above 0: whose probability is above a half. Scores that are not numbers
 * come last.
 */
export function averagePrecisions(parts: readonly ScoredRows[], classes: number): AveragePrecisions {
  const positives = positivesOf(joinedMultiLabels(parts.map(({ labels }) => labels)), classes);
  const perClass = positives.map((rows, one) => {
    const scores = columnOf(parts, one, classes);
    return { class: one, images: rows.length, ...figuresOf(scores, rows) };
  });
  const told = perClass.flatMap(({ averagePrecision }) => averagePrecision ?? []);
  return { mAP: told.reduce((sum, one) => sum + one, 0) / told.length, perClass };
}

/** The rows that have each class. */
function positivesOf(labels: MultiLabels, classes: number): number[][] {
  const rows = Array.from({ length: classes }, (): number[] => []);
  for (const [row, list] of listsOf(labels).entries()) for (const one of list) rows[one]?.push(row);
  return rows;
}

/** A class's scores. */
function columnOf(parts: readonly ScoredRows[], one: number, classes: number): Float32Array {
  const column = new Float32Array(parts.reduce((sum, { scores }) => sum + scores.length / classes, 0));
  let row = 0;
  for (const { scores } of parts)
    for (let place = one; place < scores.length; place += classes) {
      const score = scores[place] as number;
      column[row++] = Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score;
    }
  return column;
}

function figuresOf(scores: Float32Array, rows: readonly number[]) {
  const ofClass = Float32Array.from(rows, (row) => scores[row] as number);
  const right = ofClass.reduce((count, score) => count + (score > 0 ? 1 : 0), 0);
  const taken = scores.reduce((count, score) => count + (score > 0 ? 1 : 0), 0);
  return {
    precision: taken === 0 ? null : right / taken,
    recall: rows.length === 0 ? null : right / rows.length,
    averagePrecision: rows.length === 0 ? null : averagePrecision(scores.sort(), ofClass.sort()),
  };
}

/**
 * @param scores of all rows, ascending
 * @param ofClass those of the class's rows, ascending
 */
function averagePrecision(scores: Float32Array, ofClass: Float32Array): number {
  let sum = 0;
  let above = scores.length;
  for (let place = ofClass.length; place > 0; ) {
    const threshold = ofClass[place - 1] as number;
    const before = place;
    while (place > 0 && ofClass[place - 1] === threshold) place--;
    while (above > 0 && (scores[above - 1] as number) >= threshold) above--;
    const precision = (ofClass.length - place) / (scores.length - above);
    sum += (before - place) * precision;
  }
  return sum / ofClass.length;
}
