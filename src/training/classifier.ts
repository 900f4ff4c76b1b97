/** A model that tells classes of images apart. */
export interface Classifier {
  /** One for each of its outputs. */
  readonly names: readonly string[];
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
  { names }: Pick<Classifier, 'names'>,
  { imageSize, interpolation }: { readonly imageSize: number; readonly interpolation: string },
): string {
  return `${model}: ${names.length} classes, ${imageSize} x ${imageSize} pixels, ${interpolation}`;
}
