import { isPowerOfTwo } from '../core/power-of-two.ts';
import type { Precision, TrainingSettings } from '../core/trainer.ts';
import { explainFigures } from '../graph/explain/explain-figures.ts';
import { type PlanFigures, type PlannedTraining, planFigures } from '../graph/explain/plan-figures.ts';
import { cpuTraitsBySpeed } from '../graph/plan/device-traits.ts';
import { type ModelChoice, modelFor, modelOptionsOf } from '../models/architecture.ts';
import { efficientNet } from '../models/efficientnet.ts';
import { countParameters } from '../models/parameters.ts';
import { type Placement, placements, placesOf } from '../quantization/placement.ts';
import {
  anything,
  type Checks,
  checkOptions,
  count,
  expecting,
  group,
  oneOf,
  text,
  textOrObject,
} from '../streams/option-checks.ts';
import { type ChosenDevice, chooseDevice, type Device, defaultTrainer } from '../trainers/device.ts';
import { checkModel } from '../trainers/graph/check-model.ts';
import { fitsCpu } from '../trainers/graph/devices/cpu-memory.ts';
import { trainerChecks } from '../trainers/trainer-checks.ts';
import { optimizerChecks } from './check-options.ts';
import { over, trainDefaults } from './complete-options.ts';

/** What is trained, in batches of which size. */
export interface ExplainTrainingOptions {
  /** Without a number of classes it has 1000. */
  readonly model: ModelChoice;
  /** Images per batch, or per part of one. */
  readonly batchSize: number;
  /** Parts of a step, of which one is explained. Default 1. */
  readonly parts?: number | undefined;
  /** Edge of the images in pixels. Default: the model's. */
  readonly imageSize?: number | undefined;
  /** 'float32', the default, or 'mixed'. */
  readonly precision?: Precision;
  /** Default: those of `train`. */
  readonly settings?: Partial<TrainingSettings>;
  /** Of a quantised training: where values are rounded. Default: nowhere. */
  readonly placement?: Placement | undefined;
  /** Where it would be computed. Default 'auto': where the trainer `graph` would; in precision 'mixed' on a GPU. */
  readonly device?: Device | undefined;
  /** The adapter that 'auto' looks at, as a pipeline's `gpuAdapter`. */
  readonly gpuAdapter?: string | undefined;
}

const checks: Checks<ExplainTrainingOptions> = {
  model: textOrObject,
  batchSize: count,
  parts: expecting('a power of two', isPowerOfTwo),
  imageSize: count,
  precision: oneOf('float32', 'mixed'),
  settings: group({ ...optimizerChecks, classWeights: anything }),
  placement: oneOf(...placements),
  device: trainerChecks.device,
  gpuAdapter: text,
};

/** @param tell hears what people should know of the device */
export async function explainTraining(
  options: ExplainTrainingOptions,
  tell: (message: string) => void = () => {},
): Promise<string> {
  checkOptions('explainTraining', options, checks, ['model', 'batchSize']);
  const { batchSize: rows, imageSize, precision = trainDefaults.precision, settings, placement } = options;
  const { classes = efficientNet().classes } = modelOptionsOf(options.model);
  const model = modelFor(options.model, classes, imageSize);
  checkModel(model);
  const edge = imageSize ?? model.resolution;
  const plan = {
    ...{ model, rows, height: edge, width: edge },
    // as pipelines make them
    images: 'f16',
    isMixed: precision === 'mixed',
    settings: over(trainDefaults.optimizer, settings),
    ...(placement && { quantization: placesOf(model, placement) }),
  } as const;
  const device = await deviceOf(options, tell);
  const [where, figures] =
    device === 'gpu'
      ? ['', explainFigures(planFigures(plan), 'dispatches')]
      : [', on the CPU', explainFigures(fittingFigures(plan), 'calls')];
  const { parts = 1 } = options;
  const images = parts === 1 ? `${rows} images` : `one of ${parts} parts, ${rows} images each,`;
  const quantised = placement ? `, quantised for ${placement}` : '';
  return [
    `model      ${model.name}: ${countParameters(model).toLocaleString('en')} parameters, ${model.classes} classes`,
    `step       ${images} of ${edge} x ${edge}, precision ${precision}${quantised}${where}`,
    figures,
  ].join('\n');
}

/** A plan in mixed precision can be had on every machine: only a GPU computes it. */
async function deviceOf(
  { device = 'auto', gpuAdapter, precision = trainDefaults.precision }: ExplainTrainingOptions,
  tell: (message: string) => void,
): Promise<ChosenDevice | undefined> {
  const asked = device === 'auto' && precision === 'mixed' ? 'gpu' : device;
  return chooseDevice(asked, defaultTrainer, precision, { gpuAdapter, tell });
}

/** The plan that the CPU takes: the best that fits into its memory. */
function fittingFigures(plan: PlannedTraining): PlanFigures {
  const figures = cpuTraitsBySpeed.map((device) => planFigures({ ...plan, device }));
  return figures.find(({ memory }) => fitsCpu(memory)) ?? (figures.at(-1) as PlanFigures);
}
