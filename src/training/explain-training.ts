import type { Precision, TrainingSettings } from '../core/trainer.ts';
import { explainFigures } from '../graph/explain/explain-figures.ts';
import { planFigures } from '../graph/explain/plan-figures.ts';
import { type ModelChoice, modelFor, modelOptionsOf } from '../models/architecture.ts';
import { efficientNet } from '../models/efficientnet.ts';
import { countParameters } from '../models/parameters.ts';
import { type Checks, checkOptions, count, group, oneOf, textOrObject } from '../streams/option-checks.ts';
import { checkModel } from '../trainers/graph/check-model.ts';
import { optimizerChecks } from './check-options.ts';
import { over, trainDefaults } from './complete-options.ts';

/** What is trained, in batches of which size. */
export interface ExplainTrainingOptions {
  /** Without a number of classes it has 1000. */
  readonly model: ModelChoice;
  /** Images per batch. */
  readonly batchSize: number;
  /** Edge of the images in pixels. Default: the model's. */
  readonly imageSize?: number | undefined;
  /** 'float32', the default, or 'mixed'. */
  readonly precision?: Precision;
  /** Default: those of `train`. */
  readonly settings?: Partial<TrainingSettings>;
}

const checks: Checks<ExplainTrainingOptions> = {
  model: textOrObject,
  batchSize: count,
  imageSize: count,
  precision: oneOf('float32', 'mixed'),
  settings: group(optimizerChecks),
};

export function explainTraining(options: ExplainTrainingOptions): string {
  checkOptions('explainTraining', options, checks, ['model', 'batchSize']);
  const { batchSize: rows, imageSize, precision = trainDefaults.precision, settings } = options;
  const { classes = efficientNet().classes } = modelOptionsOf(options.model);
  const model = modelFor(options.model, classes, imageSize);
  checkModel(model);
  const edge = imageSize ?? model.resolution;
  const figures = planFigures({
    ...{ model, rows, height: edge, width: edge },
    // as pipelines make them
    images: 'f16',
    isMixed: precision === 'mixed',
    settings: over(trainDefaults.optimizer, settings),
  });
  return [
    `model      ${model.name}: ${countParameters(model).toLocaleString('en')} parameters, ${model.classes} classes`,
    `step       ${rows} images of ${edge} x ${edge}, precision ${precision}`,
    explainFigures(figures),
  ].join('\n');
}
