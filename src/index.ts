export type { AdapterDescription } from '../backends/gpu/device/adapter.ts';
export type { Gpu } from '../backends/gpu/device/device.ts';
export { openGpu } from '../backends/gpu/device/open-gpu.ts';
export { affine } from '../backends/kernels/affine/affine.ts';
export type { KernelCall } from '../backends/kernels/kernel.ts';
export { lut } from '../backends/kernels/lut/lut.ts';
export { cropCall, mirrorCall, resizeCall } from '../backends/kernels/resample/calls.ts';
export { saturation } from '../backends/kernels/saturation/saturation.ts';
export { sharpen } from '../backends/kernels/sharpen/sharpen.ts';
export { Statistic, statisticsLut } from '../backends/kernels/statistics-lut/statistics-lut.ts';
export { mixup } from '../operators/batch/mixup.ts';
export { autoAugment } from '../operators/image/auto-augment.ts';
export { autoContrast } from '../operators/image/auto-contrast.ts';
export { brightness } from '../operators/image/brightness.ts';
export { centerCrop } from '../operators/image/center-crop.ts';
export { color } from '../operators/image/color.ts';
export { contrast } from '../operators/image/contrast.ts';
export { crop } from '../operators/image/crop.ts';
export { decode } from '../operators/image/decode.ts';
export { equalize } from '../operators/image/equalize.ts';
export { horizontalFlip } from '../operators/image/horizontal-flip.ts';
export { invert } from '../operators/image/invert.ts';
export { normalize } from '../operators/image/normalize.ts';
export { posterize } from '../operators/image/posterize.ts';
export { randomHorizontalFlip } from '../operators/image/random-horizontal-flip.ts';
export { randomResizedCrop } from '../operators/image/random-resized-crop.ts';
export { resize } from '../operators/image/resize.ts';
export { rotate } from '../operators/image/rotate.ts';
export { sharpness } from '../operators/image/sharpness.ts';
export { shearX } from '../operators/image/shear-x.ts';
export { shearY } from '../operators/image/shear-y.ts';
export { solarize } from '../operators/image/solarize.ts';
export { solarizeAdd } from '../operators/image/solarize-add.ts';
export { translateX } from '../operators/image/translate-x.ts';
export { translateY } from '../operators/image/translate-y.ts';
export {
  type BatchOperator,
  defineBatchOperator,
  defineOperator,
  definePositionalOperator,
  type ImageOperator,
  type OperatorFactory,
} from '../operators/operator.ts';
export type { Parameter, Parameters } from '../operators/parameters.ts';
export { copied } from '../operators/stream/copied.ts';
export { type StepMetrics, type TrainWithOptions, trainWith } from '../operators/stream/train-with.ts';
export { type ApplyOptions, applyOperators } from './apply.ts';
export type { Batch, Drawn, Mixing, Substitution } from './core/batch.ts';
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
export { type Rng, randomFor } from './core/random.ts';
export type { Step } from './core/step.ts';
export type {
  EvaluationResult,
  NamedTensor,
  Precision,
  PrepareOptions,
  StepOptions,
  StepResult,
  StochasticDepth,
  TensorMap,
  Trainer,
  TrainerState,
  TrainingSettings,
} from './core/trainer.ts';
export {
  type Dataset,
  datasetDigest,
  type Reader,
  type ReaderDescription,
  type SamplePlace,
  type Source,
} from './datasets/dataset.ts';
export { type ExcludingDataset, excluding } from './datasets/excluding.ts';
export { type ImageFolderOptions, imageFolder } from './datasets/folder/image-folder.ts';
export { type IdxOptions, idxImages } from './datasets/idx/idx.ts';
export { type ImageItem, images } from './datasets/memory/images.ts';
export { type LiveOptions, type LiveSource, live, type Overflow } from './datasets/memory/live.ts';
export { type OpenDatasetOptions, openDataset } from './datasets/open-dataset.ts';
export { type ImportOptions, type ImportReport, importDataset } from './datasets/store/import.ts';
export { type StoreOptions, store } from './datasets/store/store.ts';
export { type WebDatasetOptions, webDataset } from './datasets/tar/web-dataset.ts';
export type { PipelineSource } from './engine/order/pipeline-source.ts';
export type { BadBudget, OnError } from './engine/order/substitution.ts';
export type { Identity } from './engine/plan/identity.ts';
export type { PipelineOptions } from './engine/plan/options.ts';
export { readQuarantine } from './engine/quarantine/read-quarantine.ts';
export type { QuarantineRecord } from './engine/quarantine/record.ts';
export type { MemoryBound, RunStatistics } from './engine/run/statistics.ts';
export { type EfficientNet, type EfficientNetOptions, efficientNet } from './models/efficientnet.ts';
export { countMultiplyAdds, type MultiplyAdds } from './models/multiply-adds.ts';
export { countParameters } from './models/parameters.ts';
export { type Scaling, type Variant, variants } from './models/scaling.ts';
export { Pipeline, pipeline } from './pipeline.ts';
export { openTrainer, type TrainerOptions } from './trainers/open-trainer.ts';
export type { Difference, DifferenceStage } from './verify/difference.ts';
export type { VerifyOptions } from './verify/options.ts';
export type { VariantResult } from './verify/variant-result.ts';
export { type StreamVerdict, verifyStream } from './verify/verify-stream.ts';
