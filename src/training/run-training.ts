import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import type { Gpu } from '../../backends/gpu/device/device.ts';
import { resolveBackendName } from '../engine/plan/backend-name.ts';
import { openRanks } from '../ranks/open-ranks.ts';
import { samplerOf } from '../streams/sampler-choice.ts';
import { openGpuFor } from '../streams/with-gpu.ts';
import type { MetricsLog } from '../workspace/metrics-log.ts';
import type { MetricsRecord } from '../workspace/metrics-reader.ts';
import { checkRanksAlike, checkStatesAlike } from './alike-ranks.ts';
import { checkLossScaling, checkQuantization } from './check-options.ts';
import { checkValidation } from './check-validation.ts';
import { type CompleteOptions, completeOptions } from './complete-options.ts';
import { classWarnings, sizeWarnings } from './data-warnings.ts';
import { machineShare, sharedStream } from './machine-share.ts';
import { checkParts, rowsOf } from './parts/step-rows.ts';
import { type Prepared, prepareTrainer } from './prepare-trainer.ts';
import { withPretrainedModel } from './pretrained.ts';
import { Agreement } from './ranks/agreement.ts';
import type { Company } from './ranks/company.ts';
import { endAll } from './ranks/end-all.ts';
import { type Emit, Events } from './ranks/events.ts';
import { ReportUpdates, writeReportSamples } from './report-updates.ts';
import { resumedOptions } from './resumed-options.ts';
import { trainingIdentity } from './resumption.ts';
import { digestRecord, openLog, recordOf, startRecord } from './run-record.ts';
import { streamStart } from './run-state.ts';
import { runSteps } from './run-steps.ts';
import { makeWay } from './run-workspace.ts';
import { Saving } from './saving.ts';
import { openSetup, type TrainingSetup } from './setup.ts';
import type { TrainOptions } from './train-options.ts';
import type { TrainingStart } from './training-event.ts';
import type { TrainingResult } from './training-result.ts';

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
  if (agreement.isAlone) return setup;
  const { dataset, stream, options } = setup;
  const identity = await agreement.together(
    async () => setup.identity ?? trainingIdentity(dataset, stream, options),
  );
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
  const { hasWeights } = prepared;
  const result = await runSteps({ setup, hasWeights, saving, report }, company);
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
  const areWeighed =
    options.classWeights !== undefined || (samplerOf(options.stream)?.balancesClasses ?? false);
  return [...classWarnings(dataset, areWeighed), ...(await sizeWarnings(dataset, images.imageSize))];
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
    samplesPerEpoch: options.stream.sampler === undefined ? undefined : stream.samplesPerEpoch,
    steps: Math.min(firstStep + maxSteps, batchesPerEpoch * endEpoch),
    ...{ epochs: options.schedule.epochs, batchesPerEpoch, firstBatch: streamStart(start.cursor).batch },
    notEvaluated: 'reasonNot' in validation ? validation.reasonNot : undefined,
  };
}
