import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import type { Gpu } from '../../backends/gpu/device/device.ts';
import { lossScaleOf } from '../core/loss-scale.ts';
import { resolveBackendName } from '../engine/plan/backend-name.ts';
import { openRanks } from '../ranks/open-ranks.ts';
import { openGpuFor } from '../streams/with-gpu.ts';
import type { MetricsLog } from '../workspace/metrics-log.ts';
import type { MetricsRecord } from '../workspace/metrics-reader.ts';
import { Outliers } from '../workspace/outliers.ts';
import { checkRanksAlike, checkStatesAlike } from './alike-ranks.ts';
import { checkLossScaling, checkQuantization } from './check-options.ts';
import { checkValidation } from './check-validation.ts';
import { type CompleteOptions, completeOptions } from './complete-options.ts';
import { classWarnings, sizeWarnings } from './data-warnings.ts';
import { LossRise } from './loss-rise.ts';
import { machineShare, sharedStream } from './machine-share.ts';
import type { StepsSummary } from './make-steps.ts';
import { stepMakerOf } from './parts/parted-steps.ts';
import { checkParts, rowsOf } from './parts/step-rows.ts';
import { type Prepared, prepareTrainer } from './prepare-trainer.ts';
import { withPretrainedModel } from './pretrained.ts';
import { Agreement } from './ranks/agreement.ts';
import { BadRowCount } from './ranks/bad-rows.ts';
import { endAll } from './ranks/end-all.ts';
import { type Emit, Events } from './ranks/events.ts';
import { StepBatches } from './ranks/step-batches.ts';
import { ReportUpdates, writeReportSamples } from './report-updates.ts';
import { resumedOptions } from './resumed-options.ts';
import { trainingIdentity } from './resumption.ts';
import { digestRecord, openLog, recordOf, startRecord } from './run-record.ts';
import { streamStart } from './run-state.ts';
import { makeWay } from './run-workspace.ts';
import { Saving } from './saving.ts';
import { openSetup, type TrainingSetup } from './setup.ts';
import { weightsDigest } from './state-digest.ts';
import type { TrainOptions } from './train-options.ts';
import type { TrainingStart } from './training-event.ts';
import { digestsOf, type TrainingResult } from './training-result.ts';
import { TrainingRun, type TrainingRunOptions } from './training-run.ts';
import { validate } from './validation.ts';

/** The ranks of a training, and what is told of it. */
interface Company {
  readonly agreement: Agreement;
  readonly events: Events;
}

/** Trains; `tell` hears everything as it happens, on the first rank. */
export async function runTraining(options: TrainOptions, tell: Emit): Promise<TrainingResult> {
  const ranks = options.ranks ?? (await openRanks({ timeoutMs: options.rankTimeoutMs }));
  const agreement = new Agreement(ranks, options.signal);
  const events = new Events(agreement, tell);
  try {
    const result = await trainTogether({ ...options, ranks }, { agreement, events });
    events.emit({ type: 'end', ...result });
    return result;
  } catch (error) {
    await endAll(agreement, error);
    throw error;
  }
}

async function trainTogether(options: TrainOptions, company: Company): Promise<TrainingResult> {
  const { agreement, events } = company;
  const asked = await agreement.together(() => completed(options, events.warn));
  const complete = { ...asked, share: await machineShare(agreement, asked, events.warn) };
  const gpu = await agreement.open(
    () => openGpuFor(sharedStream(complete)),
    async (opened) => opened?.close(),
  );
  try {
    const setup = await openSetup(gpu, complete, agreement, events.warn);
    try {
      return await trainOn(gpu, await identified(setup, agreement), company);
    } finally {
      await setup.stream.close();
      await setup.trainer.close();
    }
  } finally {
    gpu?.close();
  }
}

/** Ranks compare what they train, before the first step; the identity of one that is alone is asked for when it is saved. */
async function identified(setup: TrainingSetup, agreement: Agreement): Promise<TrainingSetup> {
  if (agreement.isAlone || setup.identity) return setup;
  const { dataset, stream, options } = setup;
  const identity = await agreement.together(() => trainingIdentity(dataset, stream, options));
  return { ...setup, identity };
}

async function completed(options: TrainOptions, warn: (message: string) => void): Promise<CompleteOptions> {
  const complete = completeOptions(await withPretrainedModel(await resumedOptions(options), warn));
  checkLossScaling(options, complete.precision);
  checkQuantization(complete, options);
  checkParts(complete);
  return complete;
}

async function trainOn(
  gpu: Gpu | undefined,
  setup: TrainingSetup,
  company: Company,
): Promise<TrainingResult> {
  const { options, dataset } = setup;
  const { agreement, events } = company;
  // before anything is written: it may read what an earlier run left here
  const prepared = await agreement.together(() => prepareTrainer(setup, gpu, events.emit));
  if (setup.identity && !agreement.isAlone)
    await checkRanksAlike(agreement, setup, setup.identity, events.warn);
  await checkStatesAlike(agreement, setup.trainer, 'before the first step');
  const log = await agreement.onFirst(async () => openOwnLog(setup, events.warn));
  if (log) events.recordBy((event) => write(log, recordOf(event, dataset.classes)));
  const hasReport = options.report !== false && agreement.isFirst;
  const report = hasReport ? new ReportUpdates(setup, events.emit) : undefined;
  try {
    return await trainRecorded({ setup, prepared, gpu, log, report }, company);
  } finally {
    events.recordBy();
    log?.close();
    await report?.finish();
  }
}

/** An earlier run is moved out of the way. */
function openOwnLog(setup: TrainingSetup, warn: (message: string) => void): MetricsLog {
  const moved = makeWay(setup);
  if (moved !== undefined) warn(moved);
  return openLog(setup, setup.options.onMetrics);
}

function write(log: MetricsLog | undefined, record: MetricsRecord | undefined): void {
  if (record !== undefined) log?.write(record);
}

/** A training that is about to begin. Only the first rank has a log and a report. */
interface Recorded {
  readonly setup: TrainingSetup;
  readonly prepared: Prepared;
  readonly gpu: Gpu | undefined;
  readonly log: MetricsLog | undefined;
  readonly report: ReportUpdates | undefined;
}

async function trainRecorded(recorded: Recorded, company: Company): Promise<TrainingResult> {
  const { setup, prepared, gpu, log, report } = recorded;
  const { agreement, events } = company;
  const saving = await agreement.onFirst(async () => {
    const opened = prepared.hasWeights ? await Saving.open(setup, prepared, events.warn) : undefined;
    write(log, startRecord(setup, prepared, gpu?.adapter, opened?.datasetDigest));
    events.record(startOf(setup, prepared, gpu?.adapter));
    return opened;
  });
  if (prepared.hasWeights) await checkBeforeTraining(setup, agreement);
  await agreement.onFirst(async () => {
    for (const message of await warningsOf(setup)) events.record({ type: 'warning', message });
    if (report) await writeReportSamples(setup, events.record);
  });
  const result = await runSteps(recorded, saving, company);
  await agreement.onFirst(async () => write(log, result.digests && digestRecord(result.digests)));
  return result;
}

/** Where bad images are replaced, none of them ends an evaluation; a training of a few steps may end before the first. */
async function checkBeforeTraining(
  { validation, options, images }: TrainingSetup,
  agreement: Agreement,
): Promise<void> {
  const { stream, maxSteps, signal } = options;
  if (!('dataset' in validation) || stream.onError === 'substitute' || maxSteps !== undefined) return;
  await checkValidation(validation.dataset, images, signal, agreement);
}

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
  { setup, prepared: { hasWeights }, report }: Recorded,
  saving: Saving | undefined,
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
  const { top1, hasStoppedEarly } = run;
  const isDigested = summary !== undefined && options.stream.digest === true;
  return {
    ...{ workspace, checkpoint: saving?.path, top1, best, hasStoppedEarly, summary },
    epochs: { done: cursor.epoch, planned: options.schedule.epochs },
    badSamples,
    memoryBound: stream.statistics?.memoryBound,
    digests: isDigested
      ? await digestsOf(stream, { stream: digest, weights: await weightsDigest(trainer) })
      : undefined,
  };
}
