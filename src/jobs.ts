import type { Step } from './core/step.ts';
import type { Dataset } from './datasets/dataset.ts';
import type { DatasetInspection, InspectOptions } from './inspect/inspect-dataset.ts';
import type { Preview, PreviewOptions } from './preview/render-preview.ts';
import type { ReplayResult } from './replay/replay.ts';
import type { ReplayOptions } from './replay/replay-options.ts';
import type { ReportOptions } from './report/write-report.ts';
import type { Classification } from './training/classify.ts';
import type { ClassifyOptions } from './training/classify-options.ts';
import type { CheckpointEvaluation, EvaluateOptions } from './training/evaluate.ts';
import type { ExplainTrainingOptions } from './training/explain-training.ts';
import type { ExportedModel, ExportOptions } from './training/export-onnx.ts';
import type { QuantizedModel } from './training/quantize.ts';
import type { QuantizeOptions } from './training/quantize-options.ts';
import type { VerifyOptions } from './verify/options.ts';
import type { StreamVerdict } from './verify/verify-stream.ts';

/*
 * What the command line does, each with one call. The code behind a call is loaded when it is made: a program that only
 * reads batches starts without the trainers, the pages and the pictures.
 */

/** Accuracy of a checkpoint on labelled images, at the size that it was trained at. */
export async function evaluate(options: EvaluateOptions): Promise<CheckpointEvaluation> {
  return (await import('./training/evaluate.ts')).evaluate(options);
}

/** The most probable classes of each image, one image after the other, in the order of `images`. */
export async function* classify(options: ClassifyOptions): AsyncGenerator<Classification, void, undefined> {
  yield* (await import('./training/classify.ts')).classify(options);
}

/**
 * Quantises a model after its training: chooses ranges by training images, and writes a checkpoint with them, which `evaluate`
 * and `classify` then compute in int8.
 */
export async function quantize(options: QuantizeOptions): Promise<QuantizedModel> {
  return (await import('./training/quantize.ts')).quantize(options);
}

/** Writes a checkpoint's model as an ONNX file, which runs in browsers, in Python, in apps. */
export async function exportOnnx(options: ExportOptions): Promise<ExportedModel> {
  return (await import('./training/export-onnx.ts')).exportOnnx(options);
}

/** What a dataset holds: its splits, classes with counts, formats and sizes of some images, its digest, bad samples among some. */
export async function inspectDataset(
  data: string | Dataset,
  options: InspectOptions = {},
): Promise<DatasetInspection> {
  return (await import('./inspect/inspect-dataset.ts')).inspectDataset(data, options);
}

/** Draws what training sees: samples beside what they become in each epoch. */
export async function renderPreview(options: PreviewOptions): Promise<Preview> {
  return (await import('./preview/render-preview.ts')).renderPreview(options);
}

/**
 * Shows what the model saw: a row of any batch, stage by stage, or all rows at a glance. It is written only where that
 * way, gone apart from the pipeline, ends byte for byte in the pipeline's batch.
 */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  return (await import('./replay/replay.ts')).replay(options);
}

/**
 * Makes a run's report from its files, as one HTML page: curves, confusion, what training saw, settings. Resolves to the
 * page's path.
 */
export async function writeReport(workspace: string, options: ReportOptions = {}): Promise<string> {
  return (await import('./report/write-report.ts')).writeReport(workspace, options);
}

/**
 * Makes the stream of a dataset and steps in many ways (numbers of workers, backends, chunk and prefetch sizes, stops and
 * resumptions, ranks) and compares it row by row. Where two differ, says in which row, and which operator and kernel
 * come out differently.
 */
export async function verifyStream(
  dataset: Dataset,
  steps: readonly Step[],
  options: VerifyOptions = {},
): Promise<StreamVerdict> {
  return (await import('./verify/verify-stream.ts')).verifyStream(dataset, steps, options);
}

/**
 * What a step of the trainer `graph` takes, by the arithmetic of its plan for a GPU or the CPU: calls of kernels, bytes moved by
 * kind of work, memory by purpose. Neither is needed: device 'gpu' explains a GPU's plan on a machine without one.
 */
export async function explainTraining(options: ExplainTrainingOptions): Promise<string> {
  return (await import('./training/explain-training.ts')).explainTraining(options);
}
