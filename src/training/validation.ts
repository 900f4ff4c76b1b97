import { TrainerError } from '../core/errors.ts';
import type { Trainer } from '../core/trainer.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { KnownAddresses } from '../datasets/opening/known-addresses.ts';
import { splitsOf } from '../datasets/opening/open-dataset.ts';
import { shownSource } from '../datasets/opening/source-path.ts';
import { classes as classesOf } from '../datasets/wrappers/classes.ts';
import { resolveBackendName } from '../engine/plan/backend-name.ts';
import { evaluatedSplit, openData, type ReadingOptions, readingOf } from '../streams/open-data.ts';
import type { Recipe } from '../streams/recipe.ts';
import type { SelectionOptions } from '../streams/selection.ts';
import type { StreamOptions } from '../streams/stream-options.ts';
import { named } from '../workspace/class-figures.ts';
import { type RunFiles, writeClassFigures, writeConfusion } from '../workspace/workspace.ts';
import { alignClasses } from './align-classes.ts';
import { checkAnyClass } from './check-any-class.ts';
import type { CompleteOptions } from './complete-options.ts';
import { evaluateOnRanks } from './evaluate-on-ranks.ts';
import type { Evaluation } from './evaluate-stream.ts';
import { readingStream } from './machine-share.ts';
import { Agreement } from './ranks/agreement.ts';
import type { EvaluationOptions } from './train-options.ts';
import type { TrainingEvent } from './training-event.ts';

/** What is evaluated on, or why nothing is. */
export type Validation = { readonly dataset: Dataset } | { readonly reasonNot: string };

/** What says on what is evaluated. */
interface ValidationChoice extends ReadingOptions, SelectionOptions {
  readonly data: string | Dataset;
  readonly evaluation: Pick<EvaluationOptions, 'data'> | false;
  readonly stream: Pick<StreamOptions, 'backend'>;
  readonly valShare?: number | undefined;
}

/**
 * The val split, or the part cut out for it, opened before training: what is wrong with it is better known now than hours later.
 * `known`: what the training data's opening has found at addresses.
 */
export async function openValidation(
  options: ValidationChoice,
  classes: readonly string[],
  valPart: Dataset | undefined,
  warn: (message: string) => void,
  known = new KnownAddresses(),
): Promise<Validation> {
  const reasonNot = await reasonNotToEvaluate(options, known);
  if (reasonNot !== undefined) return { reasonNot };
  if (valPart !== undefined) return { dataset: checkAnyClass(valPart) };
  const { data, evaluation } = options;
  const { data: source = data } = evaluation || {};
  const split = typeof source === 'string' ? await evaluatedSplit(source, known) : {};
  // the training data's line has said it of both
  const uses = source === data ? { uses: [] } : {};
  const dataset = await openData(source, { ...split, ...uses, ...readingOf(options), known }, warn);
  return { dataset: checkAnyClass(alignClasses(ofClasses(dataset, options), classes, warn)) };
}

/** Of the classes that are trained on: the data may lack some of them, but others are not evaluated. */
function ofClasses(dataset: Dataset, { onlyClasses = [] }: SelectionOptions): Dataset {
  const known = onlyClasses.filter((name) => dataset.classes.includes(name));
  return known.length === 0 ? dataset : classesOf(dataset, known);
}

async function reasonNotToEvaluate(
  { data, evaluation, stream, valShare = 0, fold }: ValidationChoice,
  known: KnownAddresses,
): Promise<string | undefined> {
  if (evaluation === false) return 'evaluation is switched off (--training-only)';
  if (resolveBackendName(stream.backend ?? 'cpu') === 'synthetic')
    return 'synthetic batches have no classes to tell apart';
  if (evaluation.data !== undefined || valShare > 0 || fold !== undefined) return undefined;
  const advice =
    'name data by evaluation.data (--val-data), or cut a part out of these by valShare 0.1 (--val-split)';
  if (typeof data !== 'string')
    return `${data.name} is the training data, and no other are named (${advice})`;
  const splits = await splitsOf(data, known);
  return splits.includes('val') ? undefined : `${shownSource(data)} has no val split (${advice})`;
}

/** What evaluations of a training have in common. */
interface Validating {
  readonly options: CompleteOptions;
  readonly images: Pick<Recipe, 'imageSize' | 'interpolation'>;
  readonly trainer: Trainer;
  readonly files: RunFiles;
}

/**
 * Evaluates the weights and, where one is kept, their average; resolves to what it says of the weights. Ranks share the work,
 * and all hear the same; the first writes it down.
 */
export async function validate(
  { options, images, trainer, files }: Validating,
  dataset: Dataset,
  epoch: number,
  emit: (event: TrainingEvent) => void,
  agreement = new Agreement(),
): Promise<Evaluation> {
  const reading = readingStream(options);
  const data = { dataset, reading, images, signal: options.signal };
  const evaluate = async (name: 'val' | 'val_ema', evaluateStep: Trainer['evaluateStep']) => {
    const evaluation = await evaluateOnRanks(agreement, data, { evaluateStep });
    const { confusion: cells, perClass } = evaluation;
    const { classes } = dataset;
    await agreement.onFirst(async () => {
      if (name === 'val' && cells !== undefined) await writeConfusion(files, { epoch, classes, cells });
      if (name === 'val' && perClass !== undefined)
        await writeClassFigures(files, { epoch, classes: named(perClass, classes) });
    });
    emit({ type: 'evaluation', epoch, name, ...evaluation });
    return evaluation;
  };
  const ofWeights = await evaluate('val', trainer.evaluateStep.bind(trainer));
  if (options.optimizer.emaDecay !== undefined) await evaluate('val_ema', averageStep(trainer));
  return ofWeights;
}

/** How the trainer evaluates its moving average, where it can keep one. */
export function averageStep(trainer: Trainer): Trainer['evaluateStep'] {
  const step = trainer.evaluateAverageStep?.bind(trainer);
  if (step !== undefined) return step;
  throw new TrainerError(
    'NO_AVERAGE',
    `emaDecay (--use-ema): the trainer ${trainer.name} keeps no average of the weights`,
  );
}
