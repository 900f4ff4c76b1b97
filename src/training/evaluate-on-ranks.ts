import type { Trainer } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { BadSampleCount, NoStandIn } from '../engine/order/substitution.ts';
import type { Ranks } from '../ranks/ranks.ts';
import type { EvaluationRecipe } from '../streams/recipe.ts';
import { evaluationShare, evaluationStream } from '../streams/stream-options.ts';
import { type BadSamples, badSamplesOf } from './bad-samples.ts';
import type { CompleteOptions } from './complete-options.ts';
import { BatchEvaluation } from './evaluate-batches.ts';
import { type Evaluation, evaluateStream, evaluationOf, inOrder } from './evaluate-stream.ts';
import type { Agreement } from './ranks/agreement.ts';
import { BadRowCount, uncounted } from './ranks/bad-rows.ts';

/** What is evaluated on, and how it is read. */
export interface EvaluationData {
  readonly dataset: Dataset;
  readonly reading: CompleteOptions['stream'];
  readonly images: EvaluationRecipe;
  readonly signal: AbortSignal | undefined;
}

interface SharedEvaluation extends Evaluation {
  readonly badSamples: BadSamples;
}

type Evaluator = Pick<Trainer, 'evaluateStep'>;

/** Each rank evaluates its share of the batches; all have the result of one that evaluates them all, but for times. */
export async function evaluateOnRanks(
  agreement: Agreement,
  data: EvaluationData,
  trainer: Evaluator,
): Promise<SharedEvaluation> {
  if (!agreement.isAlone) return evaluateShares(agreement, data, trainer);
  const stream = evaluationStream(data.dataset, data.reading, data.images, data.signal);
  const evaluation = await evaluateStream(stream, trainer);
  return { ...evaluation, badSamples: badSamplesOf(stream) };
}

async function evaluateShares(
  agreement: Agreement,
  data: EvaluationData,
  trainer: Evaluator,
): Promise<SharedEvaluation> {
  const { ranks } = agreement;
  const { maxBad, quarantine } = data.reading;
  const { dataset } = data;
  const evaluation = new BatchEvaluation(ranks);
  const [outcome] = await Promise.allSettled([evaluateShare(ranks, data, trainer, evaluation)]);
  const ofRanks = await agreement.share(async () => evaluation.evaluated);
  const bad = new BadRowCount(agreement, { dataset, maxBad, quarantine });
  try {
    await bad.open();
    for (const batch of inOrder(ofRanks)) bad.add({ epoch: 0, ...batch });
  } finally {
    bad.close();
  }
  await agreement.together(async () => {
    if (outcome.status === 'rejected') throw outcome.reason;
  });
  return { ...evaluationOf(ofRanks), badSamples: bad.badSamples };
}

async function evaluateShare(
  share: Ranks,
  { dataset, reading, images, signal }: EvaluationData,
  trainer: Evaluator,
  evaluation: BatchEvaluation,
): Promise<void> {
  const stream = evaluationShare(dataset, uncounted(reading), images, signal, share);
  if (stream === undefined) return;
  try {
    // more than are allowed in this share alone are too many
    await evaluation.run(stream, trainer, new BadSampleCount(reading.maxBad, dataset.length));
  } catch (error) {
    if (error instanceof NoStandIn) evaluation.addFailed(error.rows.substitutions);
    throw error;
  }
}
