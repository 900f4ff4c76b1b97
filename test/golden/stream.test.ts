import { it } from 'vitest';
import {
  autoAugment,
  images,
  mixup,
  normalize,
  type PipelineOptions,
  pipeline,
  randomHorizontalFlip,
  randomResizedCrop,
  resize,
  rotate,
} from '../../src/index.ts';
import { expectCommitted } from '../support/committed.ts';
import { patternItems } from '../support/raw-images.ts';
import { collect } from '../support/streams.ts';

const of = (options: PipelineOptions) =>
  pipeline(images(patternItems(37)), { batchSize: 8, epochs: 2, workers: 0, digest: true, ...options });

const streams = {
  recipe: of({ seed: 11 }).pipe(randomResizedCrop(16), randomHorizontalFlip(), autoAugment(), mixup(0.2)),
  paper: of({ seed: 2 ** 40, dropLast: true }).pipe(
    randomResizedCrop(16, { interpolation: 'bicubic' }),
    autoAugment({ policy: 'imagenet' }),
    normalize({ dtype: 'float32', layout: 'nchw' }),
  ),
  repeats: of({ seed: 5, repeats: 4, dropLast: true }).pipe(
    randomResizedCrop(16),
    randomHorizontalFlip(),
    mixup(0.2),
  ),
  views: of({ seed: 5, views: 2 }).pipe(randomResizedCrop(16), randomHorizontalFlip()),
  evaluation: of({ seed: 0, shuffle: false }).pipe(resize({ width: 12, height: 12 }), rotate({ degrees: 7 })),
};

it('gives, digest by digest, the streams that earlier releases gave', async () => {
  const digests: Record<string, unknown> = {};
  for (const [name, stream] of Object.entries(streams))
    digests[name] = { pipeline: stream.digest, epochs: await epochDigests(stream) };
  expectCommitted('test/golden/stream.json', `${JSON.stringify(digests, null, 2)}\n`, 'UPDATE_STREAM');
});

async function epochDigests(stream: (typeof streams)['recipe']): Promise<(string | undefined)[]> {
  const batches = await collect(stream);
  return batches.filter((batch) => batch.isLastOfEpoch).map((batch) => batch.digest);
}
