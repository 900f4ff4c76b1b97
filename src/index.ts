export type { AdapterDescription } from '../backends/gpu/device/adapter.ts';
export type { Gpu } from '../backends/gpu/device/device.ts';
export { openGpu } from '../backends/gpu/device/open-gpu.ts';
export {
  type BatchOperator,
  defineBatchOperator,
  defineOperator,
  definePositionalOperator,
  type ImageOperator,
  type OperatorFactory,
} from '../operators/operator.ts';
export type { Parameter, Parameters } from '../operators/parameters.ts';
export * from '../operators/registry.ts';
export { copied } from '../operators/stream/copied.ts';
export { type TrainStepMetrics, type TrainWithOptions, trainWith } from '../operators/stream/train-with.ts';
export { type ApplyOptions, applyOperators } from './apply.ts';
export type { Batch, BatchImages, Drawn, Mixing, Substitution } from './core/batch.ts';
export {
  BackendError,
  DataError,
  MillraceError,
  OutputError,
  ParameterError,
  PluginError,
  TrainerError,
} from './core/errors.ts';
export { fromHalf, toHalf } from './core/half.ts';
export type { Box, RawImage, Size, Tensor, TensorFormat, TensorLayout, TensorType } from './core/image.ts';
export type { MultiLabels, RowLabels } from './core/multi-labels.ts';
export { type Rng, randomFor } from './core/random.ts';
export type { Step } from './core/step.ts';
export type {
  Contribution,
  EvaluationResult,
  LossName,
  LossScaleReport,
  LossScaling,
  NamedTensor,
  OptimizerName,
  PartOptions,
  Precision,
  PrepareOptions,
  QuantizedPlaces,
  StochasticDepth,
  TensorMap,
  Trainer,
  TrainerState,
  TrainingSettings,
  TrainStepOptions,
  TrainStepResult,
} from './core/trainer.ts';
export { rowsOfView } from './core/views.ts';
export { type CaffeLmdbOptions, caffeLmdb } from './datasets/caffe/caffe-lmdb.ts';
export { type CifarOptions, cifar } from './datasets/cifar/cifar.ts';
export {
  type Dataset,
  datasetDigest,
  defineDataset,
  type Reader,
  type ReaderDescription,
  type SamplePlace,
  type Source,
} from './datasets/dataset.ts';
export { type ExcludingDataset, excluding } from './datasets/excluding.ts';
export { type ImageFolderOptions, imageFolder } from './datasets/folder/image-folder.ts';
export { type IdxOptions, idxImages } from './datasets/idx/idx.ts';
export { classTars } from './datasets/imagenet/class-tars.ts';
export { type ManifestOptions, manifest } from './datasets/manifest/manifest.ts';
export { type ImageItem, images } from './datasets/memory/images.ts';
export type { LiveFeed } from './datasets/memory/live.ts';
export { type LiveOptions, type LiveSource, live, type Overflow } from './datasets/memory/live.ts';
export { type NpzOptions, npz } from './datasets/npz/npz.ts';
export { openDataset } from './datasets/opening/open-dataset.ts';
export type { OpenDatasetOptions } from './datasets/opening/source-kind.ts';
export type { Split } from './datasets/opening/split.ts';
export type { DatasetParts } from './datasets/opening/val-part.ts';
export { type ParquetOptions, parquet } from './datasets/parquet/parquet.ts';
export { type ImportOptions, type ImportReport, importDataset } from './datasets/store/import.ts';
export type { ImportProgress, Reduction } from './datasets/store/metadata.ts';
export { type StoreOptions, store } from './datasets/store/store.ts';
export { type WebDatasetOptions, webDataset } from './datasets/tar/web-dataset.ts';
export { type TfRecordOptions, tfRecords } from './datasets/tfrecord/tf-records.ts';
export { type ClassesChoice, classes } from './datasets/wrappers/classes.ts';
export { type ConcatOptions, concat } from './datasets/wrappers/concat.ts';
export { type FilteredSample, filter } from './datasets/wrappers/filter.ts';
export { type KFoldOptions, kFold } from './datasets/wrappers/k-fold.ts';
export { subset } from './datasets/wrappers/subset.ts';
export type { StreamPosition } from './engine/order/feed.ts';
export type { PipelineSource } from './engine/order/pipeline-source.ts';
export { type BlockShuffleOptions, blockShuffle } from './engine/order/samplers/block-shuffle.ts';
export { type ClassBalancedOptions, classBalanced } from './engine/order/samplers/class-balanced.ts';
export { classesByRows } from './engine/order/samplers/classes-by-rows.ts';
export type { EpochLength } from './engine/order/samplers/epoch-length.ts';
export { type Interleaved, type InterleaveOptions, interleave } from './engine/order/samplers/interleave.ts';
export type { SampleOrder, SamplePick, Sampler, SamplingContext } from './engine/order/samplers/sampler.ts';
export { type SampleWeights, weighted } from './engine/order/samplers/weighted.ts';
export type { BadBudget, OnError } from './engine/order/substitution.ts';
export type { BackendName } from './engine/plan/backend-name.ts';
export type { Identity } from './engine/plan/identity.ts';
export type { PipelineOptions } from './engine/plan/options.ts';
export { readQuarantine } from './engine/quarantine/read-quarantine.ts';
export type { QuarantineRecord } from './engine/quarantine/record.ts';
export type { Bottleneck } from './engine/run/bottleneck.ts';
export type { MemoryBound, RunStatistics } from './engine/run/statistics.ts';
export type { ModelInput, ModelValue } from './export/model-inputs.ts';
export type { BadSample, DatasetInspection, InspectOptions } from './inspect/inspect-dataset.ts';
export {
  classify,
  evaluate,
  explainTraining,
  exportOnnx,
  inspectDataset,
  quantize,
  renderPreview,
  replay,
  verifyStream,
  writeReport,
} from './jobs.ts';
export { type Architecture, architectures, type ModelChoice } from './models/architecture.ts';
export { type EfficientNet, type EfficientNetOptions, efficientNet } from './models/efficientnet.ts';
export { countMultiplyAdds, type MultiplyAdds } from './models/multiply-adds.ts';
export { countParameters } from './models/parameters.ts';
export type { ConvolutionInit, Padding } from './models/scaling.ts';
export { type Scaling, type Variant, variants } from './models/scaling.ts';
export { Pipeline, pipeline } from './pipeline.ts';
export type { PreviewSample, PreviewVersion } from './preview/render.ts';
export type { Preview, PreviewOptions } from './preview/render-preview.ts';
export type { Placement } from './quantization/placement.ts';
export type { CalibrationOptions, Quantization } from './quantization/quantization.ts';
export type { ModelBytes } from './quantization/quantized-bytes.ts';
export type { CalibrationMethod } from './quantization/range.ts';
export { openRanks } from './ranks/open-ranks.ts';
export { alone, type Ranks } from './ranks/ranks.ts';
export type { ReplayResult } from './replay/replay.ts';
export type { ReplayOptions } from './replay/replay-options.ts';
export type { ReportOptions } from './report/write-report.ts';
export type { Recipe } from './streams/recipe.ts';
export type { StreamOptions } from './streams/stream-options.ts';
export type { Device } from './trainers/device.ts';
export { openTrainer, type TrainerOptions } from './trainers/open-trainer.ts';
export type { TrainerChoice } from './trainers/trainer-for.ts';
export type { BadSamples } from './training/bad-samples.ts';
export type { ClassWeights } from './training/class-weights.ts';
export type { Classification } from './training/classify.ts';
export type { ClassifyOptions } from './training/classify-options.ts';
export type { CheckpointEvaluation, EvaluateOptions } from './training/evaluate.ts';
export type { Evaluation, EvaluationSpeed } from './training/evaluate-stream.ts';
export type { ExplainTrainingOptions } from './training/explain-training.ts';
export type { ExportedModel, ExportOptions } from './training/export-onnx.ts';
export type { StepsSummary } from './training/make-steps.ts';
export type { PresetName } from './training/preset-values.ts';
export type { TrainingQuantization } from './training/quantization-options.ts';
export type { QuantizedModel } from './training/quantize.ts';
export type { QuantizeOptions } from './training/quantize-options.ts';
export type { RecipeName } from './training/recipe-values.ts';
export { type NamedRecipe, recipe } from './training/recipes.ts';
export type { Best } from './training/run-state.ts';
export type { LearningRateSchedule, ScheduleOptions } from './training/schedule.ts';
export type { EpochReport, Speed, TrainStepReport } from './training/step-report.ts';
export type { Guess } from './training/top-guesses.ts';
export type { CheckpointOptions, EvaluationOptions, TrainOptions } from './training/train-options.ts';
export { type Training, train } from './training/training.ts';
export type {
  CheckpointEvent,
  TrainingEvent,
  TrainingStart,
  ValidationEvent,
} from './training/training-event.ts';
export type { StreamDigests, TrainingResult } from './training/training-result.ts';
export type { Difference, DifferenceStage } from './verify/difference.ts';
export type { VerifyOptions } from './verify/options.ts';
export type { VariantResult } from './verify/variant-result.ts';
export type { StreamVerdict } from './verify/verify-stream.ts';
export type { ClassFigures } from './workspace/class-figures.ts';
export type { ConfusionCell } from './workspace/confusion.ts';
export type { MetricsRecord } from './workspace/metrics-reader.ts';
export type { EpochOutliers, Outlier } from './workspace/outliers.ts';
export type { RunFiles } from './workspace/workspace.ts';
