import {
  autoAugment,
  images,
  mixup,
  type Pipeline,
  type PipelineOptions,
  pipeline,
  randomHorizontalFlip,
  randomResizedCrop,
} from '../../src/index.ts';
import { patternItems } from './raw-images.ts';

/** More images than whole batches of 8. */
export const dataset = images(patternItems(37));

/** A stream in which every kind of step has a part. */
export const augmented = (options: PipelineOptions): Pipeline =>
  pipeline(dataset, { batchSize: 8, seed: 11, epochs: 2, ...options }).pipe(
    randomResizedCrop(16),
    randomHorizontalFlip(),
    autoAugment(),
    mixup(0.2),
  );
