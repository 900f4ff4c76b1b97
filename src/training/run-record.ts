import type { AdapterDescription } from '../../backends/gpu/device/adapter.ts';
import { makeFolder } from '../core/make-folder.ts';
import { asOutput } from '../core/write-whole.ts';
import type { EfficientNet } from '../models/efficientnet.ts';
import { type Quantization, quantizedPlaces } from '../quantization/quantization.ts';
import { MetricsLog } from '../workspace/metrics-log.ts';
import type { MetricsRecord } from '../workspace/metrics-reader.ts';
import { outlierMetrics } from '../workspace/outlier-record.ts';
import { workspaceOutput } from '../workspace/probe.ts';
import { removeReport } from '../workspace/workspace.ts';
import { describeEnvironment } from './environment.ts';
import { epochMetrics, evaluationMetrics, stepMetrics } from './metrics.ts';
import type { Prepared } from './prepare-trainer.ts';
import { streamStart } from './run-state.ts';
import { settingValues } from './settings.ts';
import type { TrainingSetup } from './setup.ts';
import type { TrainingEvent } from './training-event.ts';
import type { StreamDigests } from './training-result.ts';

/** Makes the workspace, or takes it over, and opens its metrics. */
export function openLog(
  { workspace, files, resumption }: Pick<TrainingSetup, 'workspace' | 'files' | 'resumption'>,
  also: ((record: MetricsRecord) => void) | undefined,
): MetricsLog {
  return asOutput(workspace, workspaceOutput, () => {
    makeFolder(workspace);
    if (resumption === undefined) removeReport(files);
    return new MetricsLog(files.metrics, also);
  });
}

/** What the metrics say of a run before its first step: enough to ask for any of its batches again. */
export function startRecord(
  { options, data, model, workspace, resumption, start, stream, trainer }: TrainingSetup,
  { quantization }: Prepared,
  gpu: AdapterDescription | undefined,
  datasetDigest: string | undefined,
): MetricsRecord {
  const { step } = start.cursor;
  const { epoch, batch } = streamStart(start.cursor);
  const time = new Date().toISOString();
  return {
    ...(resumption
      ? { 'run.resumed': time, 'run.resumed_from': resumption.path, 'run.step': step }
      : { 'run.started': time }),
    'run.workspace': workspace,
    'run.flags': settingValues(options, 'name'),
    'run.data': data,
    'run.classes': model.classes,
    'run.place': { step, epoch, batch },
    'run.precision': options.precision,
    'run.trainer': { name: trainer.name, ...trainer.environment },
    ...(quantization && { 'run.quantization': describeQuantization(model, quantization) }),
    ...(gpu && { 'run.gpu': gpu }),
    'run.environment': { ...describeEnvironment(), ...ranksOf(options) },
    'pipeline.digest': stream.digest,
    ...(datasetDigest !== undefined && { 'dataset.digest': datasetDigest }),
  };
}

/** How many, and the library that they share; nothing of one that is alone. */
const ranksOf = ({ ranks: { size, library } }: TrainingSetup['options']) =>
  size > 1 && { ranks: [size, library && `on ${library}`].filter(Boolean).join(' ') };

/** With how many values have a range. */
const describeQuantization = (model: EfficientNet, quantization: Quantization) => ({
  ...quantization,
  points: quantizedPlaces(model, quantization).points.length,
});

/** What the metrics say of an event; undefined where that is nothing. */
export function recordOf(event: TrainingEvent, classes: readonly string[]): MetricsRecord | undefined {
  switch (event.type) {
    case 'step':
      return stepMetrics(event);
    case 'epoch':
      return epochMetrics(event);
    case 'evaluation':
      return evaluationMetrics(event.epoch, event, event.name);
    case 'outliers':
      return outlierMetrics(event, classes);
    case 'substitution':
      return { substituted: event.substitution };
    case 'warning':
      return { 'run.warning': event.message };
    case 'checkpoint':
      return { 'run.checkpoint': event.path, 'run.step': event.step };
    default:
      return undefined;
  }
}

/** What names the stream that was trained on, and what became of it. */
export const digestRecord = ({ stream, dataset, pipeline, weights }: StreamDigests): MetricsRecord => ({
  'stream.digest': stream,
  'dataset.digest': dataset,
  'pipeline.digest': pipeline,
  'weights.digest': weights,
});
