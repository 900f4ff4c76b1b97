import { TrainerError } from '../core/errors.ts';
import type { Step } from '../core/step.ts';
import type { Trainer } from '../core/trainer.ts';
import { imageFiles } from '../datasets/folder/image-files.ts';
import { pipeline } from '../pipeline.ts';
import { evaluationSteps } from '../streams/recipe.ts';
import { describeTrainer } from '../trainers/describe-trainer.ts';
import { openTrainerFor } from '../trainers/trainer-for.ts';
import { classNames } from './class-names.ts';
import { type Classifier, describeClassifier, type ImageLogits } from './classifier.ts';
import type { ClassifyOptions } from './classify-options.ts';
import { evaluationSettings } from './evaluate.ts';
import { loadFile } from './load-file.ts';
import type { OpenWeights } from './opened-weights.ts';
import { quantizationOf, rangesOf } from './quantized-checkpoint.ts';
import { openChosenWeights } from './weights-choice.ts';

/** A checkpoint's model, run by a trainer. */
export async function openCheckpointClassifier(path: string, options: ClassifyOptions): Promise<Classifier> {
  const { onMessage: tell = () => {} } = options;
  const opened = await openChosenWeights(path, options, tell);
  const { model, classes, imageSize, interpolation, isMultiLabel } = opened;
  const names = classNames(undefined, classes, model.classes);
  tell(describeClassifier(model.name, { names, isMultiLabel }, { imageSize, interpolation }));
  const steps = evaluationSteps({ imageSize, interpolation });
  const trainer = await openPrepared(path, options, opened);
  return {
    ...{ names, isMultiLabel },
    logits: (images, signal) => logitsOf(images, steps, trainer, signal),
    close: () => trainer.close(),
  };
}

async function* logitsOf(
  images: readonly string[],
  steps: readonly Step[],
  trainer: Predictor,
  signal: AbortSignal | undefined,
): AsyncGenerator<ImageLogits, void, undefined> {
  const stream = pipeline(imageFiles(images), { ...pipelineOptions, ...(signal && { signal }) });
  for await (const batch of stream.pipe(...steps)) {
    const logits = await trainer.predict(batch);
    const perImage = logits.length / batch.keys.length;
    for (const [row, image] of batch.keys.entries())
      yield { image, logits: logits.subarray(row * perImage, (row + 1) * perImage) };
  }
}

// few images, for a model that takes longer than reading them does: no threads
const pipelineOptions = { batchSize: 8, workers: 0, shuffle: false } as const;

type Predictor = Trainer & Required<Pick<Trainer, 'predict'>>;

/** The trainer, prepared with these weights, if it is one that predicts. */
async function openPrepared(path: string, options: ClassifyOptions, opened: OpenWeights): Promise<Predictor> {
  const { onMessage: tell = () => {} } = options;
  const trainer = await openTrainerFor(options, { tell });
  try {
    if (!predicts(trainer))
      throw new TrainerError('CANNOT_PREDICT', `${trainer.name}: this trainer has no predict()`);
    await trainer.prepare(opened.model, {
      ...{ precision: 'float32', seed: 0, settings: evaluationSettings },
      ...quantizationOf(path, opened, trainer, opened, tell),
    });
    const computing = describeTrainer('float32', trainer.environment);
    if (computing !== undefined) tell(computing);
    const { weights } = opened;
    await loadFile(path, { weights, optimizer: {}, ...rangesOf(path, opened, opened) }, trainer);
    return trainer;
  } catch (error) {
    await trainer.close();
    throw error;
  }
}

const predicts = (trainer: Trainer): trainer is Predictor => trainer.predict !== undefined;
