import type { Trainer } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { BadSampleCount, NoStandIn } from '../engine/order/substitution.ts';
import { Quarantine } from '../engine/quarantine/quarantine.ts';
import type { Ranks } from '../ranks/ranks.ts';
import type { Recipe } from '../streams/recipe.ts';
import { evaluationShare, evaluationStream } from '../streams/stream-options.ts';
import { type BadSamples, badSamplesOf } from './bad-samples.ts';
import type { CompleteOptions } from './complete-options.ts';
import { BatchEvaluation, type EvaluatedBatches } from './evaluate-batches.ts';
import { type Evaluation, evaluateStream, evaluationOf, inOrder } from './evaluate-stream.ts';
import type { Agreement } from './ranks/agreement.ts';

/** What is evaluated on, and how it is read. */
export interface EvaluationData {
  readonly dataset: Dataset;
  readonly reading: CompleteOptions['stream'];
  readonly images: Pick<Recipe, 'imageSize' | 'interpolation'>;
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
  const evaluation = new BatchEvaluation(ranks);
  const [outcome] = await Promise.allSettled([evaluateShare(ranks, data, trainer, evaluation)]);
  const ofRanks = await agreement.share(async () => evaluation.evaluated);
  const badSamples = await agreement.together(async () => {
    const counted = countBadSamples(ofRanks, data, agreement.isFirst);
    if (outcome.status === 'rejected') throw outcome.reason;
    return counted;
  });
  return { ...evaluationOf(ofRanks), badSamples };
}

async function evaluateShare(
  share: Ranks,
  { dataset, reading, images, signal }: EvaluationData,
  trainer: Evaluator,
  evaluation: BatchEvaluation,
): Promise<void> {
  const stream = evaluationShare(dataset, reading, images, signal, share);
  if (stream === undefined) return;
  try {
    await evaluation.run(stream, trainer, badSampleCount(dataset, reading));
  } catch (error) {
    if (error instanceof NoStandIn) evaluation.addFailed(error.rows.substitutions);
    throw error;
  }
}

/** Counts and lists bad samples as a single stream would. Throws where all ranks together have too many. */
function countBadSamples(
  ofRanks: readonly EvaluatedBatches[],
  { dataset, reading }: EvaluationData,
  isWriter: boolean,
): BadSamples {
  const { quarantine } = reading;
  const count = badSampleCount(dataset, reading);
  const file = isWriter && quarantine !== undefined ? new Quarantine(quarantine, dataset) : undefined;
  let substitutions = 0;
  try {
    for (const batch of inOrder(ofRanks)) {
      for (const added of count.add(batch.substitutions)) file?.add(added, { epoch: 0, index: batch.index });
      count.check();
      substitutions += batch.substitutions.length;
    }
  } finally {
    file?.close();
  }
  return { badSamples: count.total, substitutions };
}

const badSampleCount = (
  { length }: Dataset,
  { maxBad, quarantine }: CompleteOptions['stream'],
): BadSampleCount => new BadSampleCount(maxBad, length, quarantine);
