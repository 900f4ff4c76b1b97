import type { Outputs } from './top-guesses.ts';

/** A model that tells classes of images apart. */
export interface Classifier extends Outputs {
  /** The logits of each image, one image after the other. Throws a DataError that names an image it cannot use. */
  logits(images: readonly string[], signal?: AbortSignal): AsyncIterable<ImageLogits>;
  close(): Promise<void>;
}

export interface ImageLogits {
  /** The file's path. */
  readonly image: string;
  readonly logits: Float32Array;
}

/** What is said of a classifier before it is asked. */
export function describeClassifier(
  model: string,
  { names, isMultiLabel = false }: Outputs,
  { imageSize, interpolation }: { readonly imageSize: number; readonly interpolation: string },
): string {
  const several = isMultiLabel ? ', of which an image may have several' : '';
  return `${model}: ${names.length} classes${several}, ${imageSize} x ${imageSize} pixels, ${interpolation}`;
}
