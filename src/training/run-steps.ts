import { lossScaleOf } from '../core/loss-scale.ts';
import { resolveBackendName } from '../engine/plan/backend-name.ts';
import { Outliers } from '../workspace/outliers.ts';
import { checkStatesAlike } from './alike-ranks.ts';
import { LossRise } from './loss-rise.ts';
import type { StepsSummary } from './make-steps.ts';
import { stepMakerOf } from './parts/parted-steps.ts';
import { rowsOf } from './parts/step-rows.ts';
import type { Agreement } from './ranks/agreement.ts';
import { BadRowCount } from './ranks/bad-rows.ts';
import type { Company } from './ranks/company.ts';
import { StepBatches } from './ranks/step-batches.ts';
import type { ReportUpdates } from './report-updates.ts';
import { streamStart } from './run-state.ts';
import type { Saving } from './saving.ts';
import type { TrainingSetup } from './setup.ts';
import { weightsDigest } from './state-digest.ts';
import { digestsOf, type TrainingResult } from './training-result.ts';
import { TrainingRun, type TrainingRunOptions } from './training-run.ts';
import { validate } from './validation.ts';

/** A training that has begun. Only the first rank has a checkpoint to write, and a report. */
interface Begun {
  readonly setup: TrainingSetup;
  readonly hasWeights: boolean;
  readonly saving: Saving | undefined;
  readonly report: ReportUpdates | undefined;
}

/** Makes the steps, evaluates and saves; the result is the same on all ranks. */
export async function runSteps(
  { setup, hasWeights, saving, report }: Begun,
  { agreement, events: { record: emit } }: Company,
): Promise<TrainingResult> {
  const { options, validation } = setup;
  const outliers = options.outliers === undefined ? undefined : new Outliers(options.outliers);
  const endOutliers = () => {
    const epoch = outliers?.lap();
    if (epoch !== undefined) emit({ type: 'outliers', ...epoch });
  };
  const rise = new LossRise();
  const batches = stepBatches(setup, agreement);
  const run = new TrainingRun({
    ...{ ...runOptions(setup), batches },
    onStep: (step) => {
      emit({ type: 'step', ...step });
      const message = rise.add(step);
      if (message !== undefined) emit({ type: 'warning', message });
    },
    onEpoch: (epoch) => {
      emit({ type: 'epoch', ...epoch });
      endOutliers();
    },
    ...(outliers && { onLosses: outliers.add.bind(outliers) }),
    onSubstitution: (substitution) => emit({ type: 'substitution', substitution }),
    ...(hasWeights &&
      'dataset' in validation && {
        evaluate: (epoch) => validate(setup, validation.dataset, epoch, emit, agreement),
      }),
    ...(hasWeights &&
      options.checkpoints !== false && {
        save: async (state, occasion) => {
          const saved = await agreement.onFirst(async () => saving?.save(state, occasion));
          if (saved) emit(saved);
        },
      }),
    agree: ({ step }) => checkStatesAlike(agreement, setup.trainer, `after step ${step - 1}`),
    afterEpoch: async () => report?.update(),
  });
  // an interrupted epoch's outliers are told of too
  const summary = await run.run().finally(endOutliers);
  return agreement.fromFirst(() => resultOf(setup, run, summary, saving, batches));
}

function stepBatches({ options, dataset, stream, start }: TrainingSetup, agreement: Agreement): StepBatches {
  if (agreement.isAlone) return new StepBatches(stream, agreement);
  const { maxBad, quarantine } = options.stream;
  return new StepBatches(stream, agreement, {
    rows: rowsOf(options).rank,
    bad: new BadRowCount(agreement, { dataset, maxBad, quarantine }),
    digestSoFar: streamStart(start.cursor).digest ?? '',
  });
}

function runOptions(setup: TrainingSetup) {
  const { options, stream, trainer, start, batchesPerUpdate, endEpoch, files, resumption } = setup;
  const { schedule, maxSteps, parts, ranks, share, signal = new AbortController().signal } = options;
  const { fixedEpochs } = options.quantization ?? {};
  const { every: evaluateEvery = 1, patience = -1 } = options.evaluation || {};
  const { everySteps: checkpointSteps = -1 } = options.checkpoints || {};
  const lossScale = lossScaleOf(resumption?.state.lossScale ?? {});
  return {
    trainer: stepMakerOf(trainer, { ranks, parts, rows: rowsOf(options) }),
    ...{ stream, start, batchesPerUpdate, endEpoch, schedule, signal },
    ...(lossScale && { skippedInARow: lossScale.skippedInARow }),
    ...{ evaluateEvery, patience, checkpointSteps },
    ...(fixedEpochs !== undefined && { fixedStatisticsFrom: schedule.epochs - fixedEpochs }),
    // batches that show no sample have nothing to replay
    ...(resolveBackendName(options.stream.backend) !== 'synthetic' && { metrics: files.metrics }),
    ...(maxSteps !== undefined && { maxSteps }),
    ...(share && { cores: share.cores }),
  } satisfies Partial<TrainingRunOptions>;
}

async function resultOf(
  { options, stream, trainer, workspace }: TrainingSetup,
  run: TrainingRun,
  summary: StepsSummary | undefined,
  saving: Saving | undefined,
  { badSamples, digest }: StepBatches,
): Promise<TrainingResult> {
  const { cursor, best } = run.state;
  const { latest, hasStoppedEarly } = run;
  const { top1, mAP } = latest ?? {};
  const isDigested = summary !== undefined && options.stream.digest === true;
  return {
    ...{ workspace, checkpoint: saving?.path, top1, mAP, best, hasStoppedEarly, summary },
    epochs: { done: cursor.epoch, planned: options.schedule.epochs },
    badSamples,
    memoryBound: stream.statistics?.memoryBound,
    digests: isDigested
      ? await digestsOf(stream, { stream: digest, weights: await weightsDigest(trainer) })
      : undefined,
  };
}
