import type { Batch } from '../core/batch.ts';
import { TrainerError } from '../core/errors.ts';
import type { EvaluationResult, Trainer } from '../core/trainer.ts';
import { labelsOfSamples, multiLabelsOfSamples, rowsOfView } from '../core/views.ts';
import type { TestTimeAugmentation } from '../streams/recipe.ts';
import { evaluateLogits } from '../trainers/recipe/evaluate-logits.ts';

type Evaluator = Pick<Trainer, 'evaluateStep'>;
type Predict = NonNullable<Trainer['predict']>;

/** What evaluates batches; of several views of each image, by the mean of their logits. */
export function evaluatorFor(trainer: Trainer, tta: TestTimeAugmentation | undefined): Evaluator {
  if (tta === undefined) return trainer;
  const predict = trainer.predict?.bind(trainer);
  if (predict !== undefined) return { evaluateStep: (batch) => evaluateViews(batch, predict) };
  const reason = `the trainer ${trainer.name} has no predict(), which gives the logits to be averaged`;
  throw new TrainerError('CANNOT_PREDICT', `tta (--tta): ${reason}`);
}

async function evaluateViews(batch: Batch, predict: Predict): Promise<EvaluationResult> {
  const logits = await predict(batch);
  const classes = logits.length / batch.labels.length;
  const multiLabels = multiLabelsOfSamples(batch);
  const of = { labels: labelsOfSamples(batch), ...(multiLabels && { multiLabels }) };
  return evaluateLogits(meanOfViews(batch, logits, classes), of, classes);
}

/** Logits [samples, classes], added up in float64. */
function meanOfViews(batch: Batch, logits: Float32Array, classes: number): Float32Array {
  const { views = 1 } = batch;
  const rows = Array.from({ length: views }, (_, view) => rowsOfView(batch, view));
  const mean = new Float32Array((batch.labels.length / views) * classes);
  for (let i = 0; i < mean.length; i++) {
    const [sample, of] = [Math.floor(i / classes), i % classes];
    let sum = 0;
    for (const ofView of rows) sum += logits[(ofView[sample] as number) * classes + of] as number;
    mean[i] = sum / views;
  }
  return mean;
}
