import { modelFor } from '../models/architecture.ts';
import { defaultTrainer } from '../trainers/device.ts';
import { checkQuantization, checkTrainOptions } from './check-options.ts';
import { completeOptions } from './complete-options.ts';
import { explainTraining } from './explain-training.ts';
import { checkParts } from './parts/step-rows.ts';
import { withPretrainedModel } from './pretrained.ts';
import { completeCalibration } from './quantization-options.ts';
import { resumedOptions } from './resumed-options.ts';
import { settingsFor } from './settings-for.ts';
import type { TrainOptions } from './train-options.ts';
import { openTrainingData } from './training-data.ts';

/**
 * The plan of a step of the training that these options ask for. Its data only say how many classes there are: no image is
 * read.
 */
export async function explainRun(given: TrainOptions, tell: (message: string) => void): Promise<string> {
  checkTrainOptions(given);
  const options = completeOptions(await withPretrainedModel(await resumedOptions(given), tell));
  checkQuantization(options, given);
  checkParts(options);
  const { recipe, stream, parts, precision, trainer, device } = options;
  const { dataset } = await openTrainingData(options, tell);
  const { imageSize } = recipe;
  const model = modelFor(options.model, dataset.classes.length, imageSize);
  const settings = settingsFor(options, dataset, model.classes);
  if (trainer !== defaultTrainer) {
    const name = typeof trainer === 'string' ? trainer : trainer.name;
    tell(`--explain: the plan is that of --trainer ${defaultTrainer}, the trainer is ${name}`);
  }
  const { batchSize, gpuAdapter } = stream;
  const placement = options.quantization && completeCalibration(options.quantization).placement;
  const training = { model, batchSize, parts, imageSize, precision, settings, placement };
  return explainTraining({ ...training, device, gpuAdapter }, tell);
}
