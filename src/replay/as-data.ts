import { createHash } from 'node:crypto';
import type { KernelCall } from '../../backends/kernels/kernel.ts';
import type { RawImage } from '../core/image.ts';
import { channelNames } from '../core/tensor.ts';
import { softLabel } from './label-section.ts';
import type { ReplayContext } from './page-parts.ts';
import type { Replay } from './replay-batch.ts';
import { lastImage, type ReplayedSample } from './replayed-sample.ts';
import { channelStatistics } from './tensor.ts';
import { partRead } from './words.ts';

/** All that a replay's page shows, images as size and digest of their pixels. */
export function replayAsData(replay: Replay, { dataset, facts, warnings, commands }: ReplayContext): object {
  const { seed, epoch, batch, row, rows, copies, sample, mixing, substitutions, digests } = replay;
  const { width, height } = lastImage(sample);
  const statistics = channelNames.map((name, channel) => [
    name,
    channelStatistics(replay.tensor, replay.format, channel),
  ]);
  const { partner, lambda, box, reasonAlone } = mixing ?? {};
  const names = (label: number) => dataset.classes[label] ?? null;
  return {
    ...{ dataset: dataset.name, seed, epoch, batch, row, rows },
    ...(copies > 1 && { occurrence: sample.occurrence }),
    ...sampleAsData(sample, names),
    ...(mixing && {
      mixing: {
        lambda,
        ...(box && { box }),
        ...(reasonAlone && { reasonAlone }),
        partner: partner && { row: row ^ 1, ...sampleAsData(partner, names) },
      },
    }),
    target: softLabel(replay).map(([label, weight]) => ({ label, class: names(label), weight })),
    substitutions,
    tensor: {
      width,
      height,
      ...replay.format,
      bytes: sha256(replay.tensor),
      channels: Object.fromEntries(statistics),
    },
    digests,
    ...{ facts: Object.fromEntries(facts), warnings, commands },
  };
}

function sampleAsData(
  { id, key, label, labels, original, stages, erase, eraseAfter, mixable }: ReplayedSample,
  names: (label: number) => unknown,
) {
  const inputs = [original, ...stages.map(({ image }) => image)];
  return {
    ...{ id, key, label, class: names(label), ...(labels && { labels }), original: imageAsData(original) },
    stages: stages.map(({ operator, partOf, values, calls, image }, i) => ({
      ...{ operator, partOf, values, reads: partRead(calls, inputs[i] as RawImage) },
      calls: calls.map(callAsData),
      image: imageAsData(image),
    })),
    ...(erase && { erase: { boxes: erase, image: imageAsData(mixable) } }),
    ...(eraseAfter && { eraseAfter: { boxes: eraseAfter } }),
  };
}

/** Tables by their length: they follow from what was drawn. */
const callAsData = ({ kernel, args }: KernelCall) => ({
  kernel: kernel.name,
  args: Object.fromEntries(
    Object.entries<number | ArrayLike<number>>(args).map(([name, value]) => [
      name,
      typeof value === 'number' ? value : { length: value.length },
    ]),
  ),
});

const imageAsData = ({ width, height, data }: RawImage) => ({
  ...{ width, height },
  pixels: sha256(data),
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
