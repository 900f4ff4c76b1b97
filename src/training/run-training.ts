import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import type { Gpu } from '../../backends/gpu/device/device.ts';
import { lossScaleOf } from '../core/loss-scale.ts';
import { resolveBackendName } from '../engine/plan/backend-name.ts';
import { withGpu } from '../streams/with-gpu.ts';
import type { MetricsLog } from '../workspace/metrics-log.ts';
import { Outliers } from '../workspace/outliers.ts';
import { checkLossScaling, checkQuantization } from './check-options.ts';
import { checkValidation } from './check-validation.ts';
import { type CompleteOptions, completeOptions } from './complete-options.ts';
import { classWarnings, sizeWarnings } from './data-warnings.ts';
import { LossRise } from './loss-rise.ts';
import type { StepsSummary } from './make-steps.ts';
import { stepMakerOf } from './parts/parted-steps.ts';
import { checkParts, rowsOf } from './parts/step-rows.ts';
import { type Prepared, prepareTrainer } from './prepare-trainer.ts';
import { withPretrainedModel } from './pretrained.ts';
import { ReportUpdates, writeReportSamples } from './report-updates.ts';
import { resumedOptions } from './resumed-options.ts';
import { digestRecord, openLog, recordOf, startRecord } from './run-record.ts';
import { streamStart } from './run-state.ts';
import { makeWay } from './run-workspace.ts';
import { Saving } from './saving.ts';
import { openSetup, type TrainingSetup } from './setup.ts';
import { weightsDigest } from './state-digest.ts';
import type { TrainOptions } from './train-options.ts';
import type { TrainingEvent, TrainingStart } from './training-event.ts';
import { badSamplesOf, digestsOf, type TrainingResult } from './training-result.ts';
import { TrainingRun, type TrainingRunOptions } from './training-run.ts';
import { validate } from './validation.ts';

type Emit = (event: TrainingEvent) => void;

/** Trains; `emit` hears everything as it happens. */
export async function runTraining(options: TrainOptions, emit: Emit): Promise<TrainingResult> {
  const warn = (message: string) => emit({ type: 'warning', message });
  const complete = completeOptions(await withPretrainedModel(await resumedOptions(options), warn));
  checkLossScaling(options, complete.precision);
  checkQuantization(complete, options);
  checkParts(complete);
  const result = await withGpu(complete.stream, undefined, (gpu) => trainOn(gpu, complete, emit));
  emit({ type: 'end', ...result });
  return result;
}

async function trainOn(gpu: Gpu | undefined, given: CompleteOptions, tell: Emit): Promise<TrainingResult> {
  const warn = (message: string) => tell({ type: 'warning', message });
  const setup = await openSetup(gpu, given, warn);
  const { options, dataset, trainer, stream } = setup;
  try {
    // before anything is written: it may read what an earlier run left here
    const prepared = await prepareTrainer(setup, gpu, tell);
    const { hasWeights } = prepared;
    const moved = makeWay(setup);
    if (moved !== undefined) warn(moved);
    const log = openLog(setup, options.onMetrics);
    const emit = recording(log, dataset.classes, tell);
    const report = options.report === false ? undefined : new ReportUpdates(setup, tell);
    try {
      const saving = hasWeights ? await Saving.open(setup, prepared, warn) : undefined;
      log.write(startRecord(setup, prepared, gpu?.adapter, saving?.datasetDigest));
      emit(startOf(setup, prepared, gpu?.adapter));
      if (hasWeights) await checkBeforeTraining(setup);
      for (const message of await warningsOf(setup)) emit({ type: 'warning', message });
      if (report) await writeReportSamples(setup, emit);
      const result = await runSteps(setup, hasWeights, saving, report, emit);
      if (result.digests) log.write(digestRecord(result.digests));
      return result;
    } finally {
      log.close();
      await report?.finish();
    }
  } finally {
    await stream.close();
    await trainer.close();
  }
}

/** Where bad images are replaced, none of them ends an evaluation; a training of a few steps may end before the first. */
async function checkBeforeTraining({ validation, options, images }: TrainingSetup): Promise<void> {
  const { stream, maxSteps, signal } = options;
  if (!('dataset' in validation) || stream.onError === 'substitute' || maxSteps !== undefined) return;
  await checkValidation(validation.dataset, images, signal);
}

/** Events are written down before anyone hears of them. */
const recording =
  (log: MetricsLog, classes: readonly string[], tell: Emit): Emit =>
  (event) => {
    const record = recordOf(event, classes);
    if (record !== undefined) log.write(record);
    tell(event);
  };

/** What people should know of the data. Synthetic batches show none of them. */
async function warningsOf({ options, dataset, images }: TrainingSetup): Promise<string[]> {
  if (resolveBackendName(options.stream.backend) === 'synthetic') return [];
  return [...classWarnings(dataset), ...(await sizeWarnings(dataset, images.imageSize))];
}

function startOf(
  { options, dataset, model, workspace, files, start, stream, endEpoch, validation, trainer }: TrainingSetup,
  { quantization }: Prepared,
  gpu: AdapterDescription | undefined,
): TrainingStart {
  const firstStep = start.cursor.step;
  const { batchesPerEpoch = 0 } = stream;
  const { maxSteps = Number.POSITIVE_INFINITY, parts, ranks } = options;
  const { step: batchSize } = rowsOf(options);
  return {
    type: 'start',
    ...{ dataset, model, workspace, files, batchSize, parts, ranks: ranks.size, firstStep, gpu },
    ...{ precision: options.precision, quantization, environment: trainer.environment },
    quarantine: options.stream.quarantine,
    steps: Math.min(firstStep + maxSteps, batchesPerEpoch * endEpoch),
    ...{ epochs: options.schedule.epochs, batchesPerEpoch, firstBatch: streamStart(start.cursor).batch },
    notEvaluated: 'reasonNot' in validation ? validation.reasonNot : undefined,
  };
}

async function runSteps(
  setup: TrainingSetup,
  hasWeights: boolean,
  saving: Saving | undefined,
  report: ReportUpdates | undefined,
  emit: Emit,
): Promise<TrainingResult> {
  const { options, validation } = setup;
  const outliers = options.outliers === undefined ? undefined : new Outliers(options.outliers);
  const endOutliers = () => {
    const epoch = outliers?.lap();
    if (epoch !== undefined) emit({ type: 'outliers', ...epoch });
  };
  const rise = new LossRise();
  const run = new TrainingRun({
    ...runOptions(setup),
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
        evaluate: (epoch) => validate(setup, validation.dataset, epoch, emit),
      }),
    ...(saving && { save: async (state, occasion) => emit(await saving.save(state, occasion)) }),
    afterEpoch: async () => report?.update(),
  });
  // an interrupted epoch's outliers are told of too
  const summary = await run.run().finally(endOutliers);
  return resultOf(setup, run, summary, saving);
}

function runOptions(setup: TrainingSetup) {
  const { options, stream, trainer, start, batchesPerUpdate, endEpoch, files, resumption } = setup;
  const { schedule, maxSteps, parts, ranks, cores, signal = new AbortController().signal } = options;
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
    ...(cores !== undefined && { cores }),
  } satisfies Partial<TrainingRunOptions>;
}

async function resultOf(
  { options, stream, trainer, workspace }: TrainingSetup,
  run: TrainingRun,
  summary: StepsSummary | undefined,
  saving: Saving | undefined,
): Promise<TrainingResult> {
  const { cursor, best } = run.state;
  const { top1, hasStoppedEarly } = run;
  const isDigested = summary !== undefined && options.stream.digest === true;
  return {
    ...{ workspace, checkpoint: saving?.path, top1, best, hasStoppedEarly, summary },
    epochs: { done: cursor.epoch, planned: options.schedule.epochs },
    badSamples: badSamplesOf(stream),
    memoryBound: stream.statistics?.memoryBound,
    digests: isDigested ? await digestsOf(stream, await weightsDigest(trainer)) : undefined,
  };
}
