import type { Gpu } from '../../../backends/gpu/device/device.ts';
import type { Substitution } from '../../core/batch.ts';
import type { StreamPosition } from '../../engine/order/feed.ts';
import { RunReport } from '../../report/run-report.ts';
import { describeEnvironment } from '../../training/environment.ts';
import { type RunState, streamStart } from '../../training/run-state.ts';
import type { EpochReport, StepReport } from '../../training/step-report.ts';
import { TrainingRun } from '../../training/training-run.ts';
import type { MetricsLog } from '../../workspace/metrics-log.ts';
import type { CommandContext } from '../command.ts';
import { scheduleOf, settingsOf, type TrainFlags } from '../flags/train-flags.ts';
import type { Progress } from '../terminal.ts';
import { OutlierLog } from './outlier-log.ts';
import { loadPretrained } from './pretrained.ts';
import { finishReport, openLog, updateReport, writeReportSamples } from './report-updates.ts';
import { resumedState } from './resumption.ts';
import { reportDataset, reportEnd, reportEpoch, reportStep } from './train-reports.ts';
import { TrainSaving } from './train-saving.ts';
import { openSetup, stepCount, type TrainSetup } from './train-setup.ts';
import { evaluateAverageOn, evaluateOn } from './validation.ts';

export interface TrainingResult {
  readonly workspace: string;
  /** Path of the last checkpoint; undefined where none is written. */
  readonly checkpoint: string | undefined;
  /** Share of val images whose class is the best guess; undefined without an evaluation. */
  readonly top1: number | undefined;
}

/** Trains; with `gpu`, on batches that are there. */
export async function trainOn(
  gpu: Gpu | undefined,
  data: string,
  given: TrainFlags,
  context: CommandContext,
): Promise<TrainingResult> {
  const { terminal, signal } = context;
  const setup = await openSetup(gpu, data, given, { signal, print: terminal.log });
  const { flags, trainer, stream, workspace } = setup;
  const log = openLog(setup, flags.json ? terminal.data : undefined);
  const report = new RunReport(setup.files);
  try {
    const hasWeights = await prepareTrainer(setup, gpu);
    const saving = hasWeights && !flags.noCheckpoints ? await TrainSaving.open(setup, log) : undefined;
    writeStart(setup, gpu, saving, log);
    reportDataset(setup.dataset, flags, workspace, terminal);
    await writeReportSamples(setup.dataset, flags, setup.files, context);
    if ('reasonNot' in setup.validation) terminal.log(`${setup.validation.reasonNot}: not evaluated`);
    const progress = terminal.progress(stepCount(setup), 'train', flags.printFreq);
    const { logOutliers } = flags;
    const outliers = logOutliers === undefined ? undefined : new OutlierLog(setup, log, logOutliers);
    const run = new TrainingRun({
      ...stepOptions(setup, log, progress, outliers),
      ...epochOptions(setup, hasWeights ? evaluation(setup, log, progress, signal) : undefined),
      ...(saving && { save: (state, occasion) => saving.save(state, occasion) }),
      afterEpoch: () => updateReport(report, terminal),
      signal,
    });
    const summary = await run.run().finally(() => {
      progress.stop();
      outliers?.end(terminal.log);
      if (saving?.hasSaved) terminal.log(`checkpoint: ${saving.path}`);
    });
    await reportEnd(run, summary, setup, log, terminal);
    return { workspace, checkpoint: saving?.path, top1: run.top1 };
  } finally {
    log.close();
    finishReport(report, terminal);
    await stream.close();
    await trainer.close();
  }
}

/** Loads what is gone on from; whether there are weights, to be evaluated and saved. */
async function prepareTrainer(
  { flags, model, trainer, precision, resumption }: TrainSetup,
  gpu: Gpu | undefined,
): Promise<boolean> {
  await trainer.prepare(model, {
    precision,
    seed: flags.seed,
    settings: settingsOf(flags),
    ...(gpu && { device: gpu.device }),
  });
  await loadPretrained(trainer, flags);
  if (resumption) await trainer.load(resumedState(resumption, flags));
  return Object.keys((await trainer.state()).weights).length > 0;
}

function writeStart(
  { flags, data, workspace, resumption, start, stream }: TrainSetup,
  gpu: Gpu | undefined,
  saving: TrainSaving | undefined,
  log: MetricsLog,
): void {
  const time = new Date().toISOString();
  const began = resumption
    ? { 'run.resumed': time, 'run.resumed_from': resumption.path, 'run.step': start.cursor.step }
    : { 'run.started': time };
  log.write({
    ...began,
    'run.workspace': workspace,
    'run.flags': flags,
    'run.data': data,
    'run.place': { step: start.cursor.step, ...placeOf(start) },
    ...(gpu && { 'run.gpu': gpu.adapter }),
    'run.environment': describeEnvironment(),
    'pipeline.digest': stream.digest,
    ...(saving && { 'dataset.digest': saving.datasetDigest }),
  });
}

/** Where in the stream the run's first step stands. */
function placeOf({ cursor }: RunState): StreamPosition {
  const { epoch, batch } = streamStart(cursor);
  return { epoch, batch };
}

function stepOptions(
  { flags, stream, trainer, start, batchesPerUpdate }: TrainSetup,
  log: MetricsLog,
  progress: Progress,
  outliers: OutlierLog | undefined,
) {
  return {
    ...{ stream, trainer, start, batchesPerUpdate },
    schedule: scheduleOf(flags),
    onStep: (step: StepReport) => reportStep(step, log, progress),
    onEpoch: (epoch: EpochReport) => {
      reportEpoch(epoch, log, progress);
      outliers?.end(progress.log);
    },
    ...(outliers && { onLosses: outliers.add.bind(outliers) }),
    onSubstitution: (substituted: Substitution) => log.write({ substituted }),
    ...(flags.prof > 0 && { maxSteps: flags.prof }),
  };
}

function epochOptions(
  { flags, endEpoch }: TrainSetup,
  evaluate: ((epoch: number) => Promise<number>) | undefined,
) {
  const { evaluateEvery, earlyStoppingPatience: patience, checkpointSteps } = flags;
  return { endEpoch, evaluateEvery, patience, checkpointSteps, ...(evaluate && { evaluate }) };
}

/** Evaluates the weights and, where there is one, their average; resolves to the top-1 of the weights. */
function evaluation(
  { flags, validation: dataset, trainer, files }: TrainSetup,
  log: MetricsLog,
  progress: Progress,
  signal: AbortSignal,
): ((epoch: number) => Promise<number>) | undefined {
  if ('reasonNot' in dataset) return undefined;
  const validation = { dataset, flags, trainer, log, files, signal };
  return async (epoch) => {
    const top1 = await evaluateOn(validation, epoch, progress.log);
    if (flags.useEma !== undefined) await evaluateAverageOn(validation, epoch, progress.log);
    return top1;
  };
}
