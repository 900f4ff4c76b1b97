import type { Feature } from './example.ts';

/** Which features of an example are the image and what is known of it. */
export interface FeatureNames {
  readonly image: string;
  readonly label: string | undefined;
  /** The name of the image's file. */
  readonly fileName: string | undefined;
  /** The name of the image's class, beside its number. */
  readonly className: string | undefined;
}

export interface FeatureOptions {
  /** The feature with the encoded image. Default: `image/encoded`, `image` or `img`. */
  readonly imageFeature?: string | undefined;
  /** The feature with the class. Default: `image/class/label`, `label` or `class`. */
  readonly labelFeature?: string | undefined;
}

// The first of each is of TensorFlow's own examples and Cloud TPU's ImageNet; the second is of TensorFlow Datasets.
const usual = {
  image: ['image/encoded', 'image', 'img'],
  label: ['image/class/label', 'label', 'class'],
  fileName: ['image/filename', 'file_name', 'filename'],
  className: ['image/class/synset', 'image/class/text'],
} as const;

/** The names by what the first example has; undefined where it has no image. */
export function chooseFeatures(
  features: ReadonlyMap<string, Feature>,
  { imageFeature, labelFeature }: FeatureOptions,
): FeatureNames | undefined {
  const first = (names: readonly string[], kind?: Feature['kind']) =>
    names.find(
      (name) => features.has(name) && (kind ?? features.get(name)?.kind) === features.get(name)?.kind,
    );
  const image = first(imageFeature === undefined ? usual.image : [imageFeature], 'bytes');
  if (image === undefined) return undefined;
  return {
    image,
    label: labelFeature ?? first(usual.label),
    fileName: first(usual.fileName, 'bytes'),
    className: first(usual.className, 'bytes'),
  };
}
