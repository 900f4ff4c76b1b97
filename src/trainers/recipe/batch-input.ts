import type { Batch, BatchImages } from '../../core/batch.ts';
import { TrainerError } from '../../core/errors.ts';
import { fromHalf } from '../../core/half.ts';
import { classesOfRow } from '../../core/multi-labels.ts';
import type { LossName, TrainingSettings } from '../../core/trainer.ts';

let halves: Float32Array | undefined;

/** A batch's images, as `read()` gave them, as float32 [n, h, w, 3]: a view of the batch where it is that already. */
export function widenImages({ dtype, layout, shape }: Batch, images: BatchImages): Float32Array {
  const values = dtype === 'float16' ? widen(images) : (images as Float32Array);
  return layout === 'nhwc' ? values : toNhwc(values, shape);
}

/** [n, h, w] of a batch in either layout. */
export function imageShape({ shape, layout }: Batch): [n: number, h: number, w: number] {
  const [n, a, b, c] = shape;
  return layout === 'nhwc' ? [n, a, b] : [n, b, c];
}

/**
 * Targets [n, classes]: the label's and, mixed, its partner's class by their shares, then label smoothing (the
 * reference's order): (1 - s) t + s / classes.
 */
export function softTargets(batch: Batch, classes: number, smoothing: number): Float32Array {
  const { labels, mixing } = batch;
  checkTargets(batch, classes, 'cross-entropy');
  const targets = new Float32Array(labels.length * classes).fill(smoothing / classes);
  for (let row = 0; row < labels.length; row++) {
    const share = mixing?.weights[row] ?? 1;
    const own = row * classes + checkedLabel(labels, row, classes);
    targets[own] = (targets[own] as number) + (1 - smoothing) * share;
    if (!mixing) continue;
    const partner = row * classes + checkedLabel(mixing.partnerLabels, row, classes);
    targets[partner] = (targets[partner] as number) + (1 - smoothing) * (1 - share);
  }
  return targets;
}

/** Targets [n, classes] of the loss that settings name: those of the cross-entropy times their classes' weights. */
export function targetsOf(
  batch: Batch,
  classes: number,
  { loss, labelSmoothing, classWeights }: TrainingSettings,
): Float32Array {
  if (loss === 'bce') return binaryTargets(batch, classes, labelSmoothing);
  const targets = softTargets(batch, classes, labelSmoothing);
  return classWeights === undefined
    ? targets
    : targets.map((target, i) => target * (classWeights[i % classes] as number));
}

/**
 * Targets [n, classes] of the binary cross-entropy. Of rows of one class, those of `softTargets`, as timm has them. Of rows that may
 * have several, the sum of the row's and, mixed, its partner's by their shares, then label smoothing: t (1 - s) + s / 2.
 */
export function binaryTargets(batch: Batch, classes: number, smoothing: number): Float32Array {
  const { labels, multiLabels, mixing } = batch;
  if (multiLabels === undefined) return softTargets(batch, classes, smoothing);
  checkTargets(batch, classes, 'bce');
  const targets = new Float32Array(labels.length * classes).fill(smoothing / 2);
  const add = (row: number, of: number, share: number) => {
    for (const label of classesOfRow(multiLabels, of)) {
      const place = row * classes + label;
      targets[place] = (targets[place] as number) + (1 - smoothing) * share;
    }
  };
  for (let row = 0; row < labels.length; row++) {
    const share = mixing?.weights[row] ?? 1;
    add(row, row, share);
    if (share < 1) add(row, mixing?.partnerRows[row] as number, 1 - share);
  }
  return targets;
}

/** Throws where a row has no class of the model, or others than the loss can take. */
export function checkTargets({ labels, multiLabels, mixing }: Batch, classes: number, loss: LossName): void {
  if (multiLabels !== undefined) {
    if (loss !== 'bce') throw severalClasses(loss);
    for (let row = 0; row < labels.length; row++)
      for (const label of classesOfRow(multiLabels, row)) checkedClass(label, row, classes);
    return;
  }
  for (let row = 0; row < labels.length; row++) {
    checkedLabel(labels, row, classes);
    if (mixing) checkedLabel(mixing.partnerLabels, row, classes);
  }
}

const severalClasses = (loss: LossName): TrainerError =>
  new TrainerError(
    'SEVERAL_LABELS',
    `${loss} takes one class per row, and rows of this batch may have several: the loss bce takes them`,
  );

/** A row's class, which must be one of the model's. */
export function checkedLabel(labels: Int32Array, row: number, classes: number): number {
  return checkedClass(labels[row] as number, row, classes);
}

/** The same of one of a row's classes. */
export function checkedClass(label: number, row: number, classes: number): number {
  if (label >= 0 && label < classes) return label;
  throw new TrainerError('LABEL_RANGE', `row ${row}: label must be 0..${classes - 1}, got ${label}`);
}

function widen(images: BatchImages): Float32Array {
  halves ??= Float32Array.from({ length: 65_536 }, (_, half) => fromHalf(half));
  const out = new Float32Array(images.length);
  for (let i = 0; i < out.length; i++) out[i] = halves[images[i] as number] as number;
  return out;
}

function toNhwc(values: Float32Array, [n, channels, h, w]: Batch['shape']): Float32Array {
  const out = new Float32Array(values.length);
  const pixels = h * w;
  let source = 0;
  for (let image = 0; image < n; image++)
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < pixels; i++) out[(image * pixels + i) * channels + c] = values[source++] as number;
  return out;
}
