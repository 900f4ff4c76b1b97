import { type EfficientNet, efficientNet } from '../../src/models/efficientnet.ts';

/** A model in training, and the batches that it is trained on. */
export interface TrainerWork {
  readonly variant: 'b0' | 'b4';
  /** Edge of the images. */
  readonly resolution: number;
  /** Images per batch. */
  readonly rows: number;
}

/** As large as the preset's configurations for large GPUs have them. */
const works: Readonly<Record<TrainerWork['variant'], TrainerWork>> = {
  b0: { variant: 'b0', resolution: 224, rows: 256 },
  b4: { variant: 'b4', resolution: 380, rows: 64 },
};
export const workNames = Object.keys(works) as TrainerWork['variant'][];

export interface WorkOptions {
  readonly models: readonly TrainerWork['variant'][];
  /** Instead of the model's own. */
  readonly imageSize: number | undefined;
  readonly batchSize: number | undefined;
}

export const worksOf = ({ models, imageSize, batchSize }: WorkOptions): TrainerWork[] =>
  models.map((name) => {
    const { variant, resolution, rows } = works[name];
    return { variant, resolution: imageSize ?? resolution, rows: batchSize ?? rows };
  });

export const describeWork = ({ variant, resolution, rows }: TrainerWork): string =>
  `${variant}, ${rows} images of ${resolution} x ${resolution}`;

export const modelOf = ({ variant, resolution }: TrainerWork): EfficientNet =>
  efficientNet({ variant, resolution });
