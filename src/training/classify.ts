import { DataError } from '../core/errors.ts';
import { findImages } from '../datasets/folder/find-images.ts';
import { checkOptions } from '../streams/option-checks.ts';
import { isOnnxPath } from '../trainers/onnx-path.ts';
import { openCheckpointClassifier } from './checkpoint-classifier.ts';
import type { Classifier } from './classifier.ts';
import { type ClassifyOptions, classifyChecks } from './classify-options.ts';
import { openOnnxClassifier } from './onnx-classifier.ts';
import { checkpointPath } from './resumption.ts';
import { type Guess, topGuesses } from './top-guesses.ts';

export interface Classification {
  /** The file's path. */
  readonly image: string;
  /** The most probable classes, best first. */
  readonly guesses: readonly Guess[];
}

/** The most probable classes of each image, one after the other, in the order of `images`. */
export async function* classify(options: ClassifyOptions): AsyncGenerator<Classification, void, undefined> {
  checkOptions('classify', options, classifyChecks, ['images', 'weights']);
  const images = findImages(options.images);
  const path = checkpointPath(options.weights);
  const open = isOnnxPath(path) ? openOnnxClassifier : openCheckpointClassifier;
  const classifier = await open(path, options);
  try {
    for (let start = 0; start < images.length; start += PART)
      yield* classifyPart(images.slice(start, start + PART), classifier, options);
  } finally {
    await classifier.close();
  }
}

/** Images of one stream: so many are read again at most where one of them cannot be used. */
const PART = 64;

/** An image that cannot be used ends its stream: one without it goes on. */
async function* classifyPart(
  images: readonly string[],
  { names, isMultiLabel, logits: logitsOf }: Classifier,
  { guesses: most = 5, signal, onBadImage }: ClassifyOptions,
): AsyncGenerator<Classification, void, undefined> {
  let left = images;
  while (left.length > 0) {
    try {
      for await (const { image, logits } of logitsOf(left, signal)) {
        left = left.slice(1);
        yield { image, guesses: topGuesses(logits, { names, isMultiLabel }, most) };
      }
    } catch (error) {
      const isOfImage = error instanceof DataError && left.includes(error.sample ?? '');
      if (!isOfImage || onBadImage === undefined) throw error;
      onBadImage(error);
      left = left.filter((image) => image !== error.sample);
    }
  }
}
