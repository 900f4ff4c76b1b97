import { describe, expect, it } from 'vitest';
import type { Batch } from '../../src/core/batch.ts';
import { partsOf } from '../../src/core/batch-part.ts';
import { listsOf, type MultiLabels } from '../../src/core/multi-labels.ts';
import { images, live, mix, type PipelineOptions, pipeline, randomResizedCrop } from '../../src/index.ts';
import { labelSection, softLabel } from '../../src/replay/label-section.ts';
import { streamBatchOf } from '../../src/verify/stream-batch.ts';
import { outlierRecords } from '../../src/workspace/outlier-record.ts';
import { Outliers } from '../../src/workspace/outliers.ts';
import { patternItems } from '../support/raw-images.ts';
import { replaysOf } from '../support/replays.ts';

const classes = ['a', 'b', 'c'];
const lists = [[0, 2], [], [1], [2, 1], [0, 1, 2], [0], [1, 2], [2]];
const itemsOf = (own: readonly (readonly number[])[]) =>
  patternItems(own.length).map(({ image, key }, i) => ({
    image,
    key: key as string,
    labels: own[i] as number[],
  }));
const several = (own: readonly (readonly number[])[] = lists) => images(itemsOf(own), { classes });
const steps = [randomResizedCrop(8), mix({ mixup: 1 })] as const;
const options = { batchSize: 8, workers: 0, seed: 3, digest: true, recordDraws: true };

async function batchesOf(source = several(), others: PipelineOptions = {}): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of pipeline(source, { ...options, ...others }).pipe(...steps))
    batches.push(batch.copy());
  return batches;
}
const read = (labels: MultiLabels | undefined) => labels && listsOf(labels).map((list) => [...list]);

describe('a stream of samples with several labels', () => {
  it('has them in its batches, ascending, and the first of them as the label', async () => {
    const [batch] = (await batchesOf()) as [Batch];
    const expected = [...batch.ids].map((id) => lists[id]?.toSorted());
    expect(read(batch.multiLabels)).toEqual(expected);
    expect([...batch.labels]).toEqual(expected.map((list) => list?.[0] ?? -1));
    // partners are rows of the batch, whose labels stand there
    expect([...(batch.mixing?.partnerRows ?? [])]).toEqual([1, 0, 3, 2, 5, 4, 7, 6]);
    const parts = partsOf(batch, 4).map((part) => read(part.multiLabels));
    expect(parts.flat()).toEqual(expected);
  });

  it('has the labels in its digests, and the digests of single labels as they were', async () => {
    const digestOf = async (source: Parameters<typeof batchesOf>[0]) =>
      (await batchesOf(source)).at(-1)?.digest;
    const digest = await digestOf(several());
    expect(await digestOf(several())).toBe(digest);
    expect(await digestOf(several([[0, 1], ...lists.slice(1)]))).not.toBe(digest);
    // the first label alone is another stream
    const single = itemsOf(lists).map(({ labels, ...item }) => ({ ...item, label: labels[0] ?? -1 }));
    expect(await digestOf(images(single, { classes }))).not.toBe(digest);
    const [batch] = (await batchesOf(images(single, { classes }))) as [Batch];
    expect(batch.multiLabels).toBeUndefined();
  });

  it('is the same on two ranks, and checked as it was delivered', async () => {
    const [whole] = (await batchesOf()) as [Batch];
    const ranks = await Promise.all(
      [0, 1].map((rank) => batchesOf(several(), { batchSize: 4, rank, worldSize: 2 })),
    );
    expect(ranks.flatMap(([batch]) => read(batch?.multiLabels))).toEqual(read(whole.multiLabels));
    expect(ranks.flatMap(([batch]) => batch?.rowDigests)).toEqual(whole.rowDigests);
    const { rows } = await streamBatchOf(whole);
    for (const { digest, claimedDigest } of rows) expect(digest).toBe(claimedDigest);
    expect(rows.map(({ labels }) => labels)).toEqual(read(whole.multiLabels));
  });

  it('comes from a live source too', async () => {
    const source = live(itemsOf(lists), { overflow: 'error' });
    for await (const batch of pipeline(source, { ...options, digest: false }).pipe(...steps))
      expect(read(batch.multiLabels)).toEqual(lists.map((list) => list.toSorted()));
  });

  it('is replayed with the sum of both rows’ targets', async () => {
    const dataset = several();
    const request = { dataset, steps: [...steps], options, epoch: 0, batch: 0 };
    const replays = await replaysOf(request);
    expect(replays).toHaveLength(8);
    for (const replay of replays) {
      const { sample, mixing } = replay;
      const expected = new Map<number, number>();
      const { lambda = 1, partner } = mixing ?? {};
      for (const one of sample.labels ?? []) expected.set(one, lambda);
      for (const one of partner?.labels ?? []) expected.set(one, (expected.get(one) ?? 0) + 1 - lambda);
      expect(new Map(softLabel(replay))).toEqual(expected);
    }
    const empty = replays.find(({ sample }) => sample.key === 'pattern-1');
    expect(empty?.sample).toMatchObject({ label: -1, labels: [] });
    const context = { dataset, facts: [], warnings: [], commands: [], labelSmoothing: 0.1 };
    expect(JSON.stringify(labelSection(replays[0] as never, context))).toContain('of the way to a half');
  });

  it('has outliers with the names of all their classes', async () => {
    const [batch] = (await batchesOf()) as [Batch];
    const outliers = new Outliers(8);
    outliers.add(batch, 0, Float32Array.from(batch.ids));
    const records = outlierRecords(outliers.lap() as never, classes);
    expect(records.find(({ id }) => id === 4)).toMatchObject({
      label: 0,
      labels: [0, 1, 2],
      class: 'a, b, c',
    });
    expect(records.find(({ id }) => id === 1)).toMatchObject({ label: -1, labels: [], class: 'no label' });
  });
});

describe('images with labels', () => {
  const [first] = itemsOf(lists) as [ReturnType<typeof itemsOf>[number]];

  it('refuse what are none, by the image', () => {
    const made = (item: object) => () => images([first, { ...first, key: 'other', ...item }]);
    expect(made({ labels: [1, 1] })).toThrow(/labels of image 1 must be a list of .* each once, got \[1,1\]/);
    expect(made({ labels: [-1] })).toThrow(/labels of image 1 .* got \[-1\]/);
    expect(made({ labels: 3 })).toThrow(/labels of image 1 .* got 3/);
    expect(made({ label: 1 })).toThrow(/image 1 must have a label or labels, got both/);
    expect(() => images([{ ...first, labels: [0, 3] }], { classes })).toThrow(
      /class 3 has no name \(3 are given/,
    );
  });

  it('number their classes up to the highest, and take a label as a list of one', () => {
    const { labels: _, ...plain } = first;
    const dataset = images([first, { ...plain, key: 'b', label: 4 }, { ...plain, key: 'c' }]);
    expect(dataset.classes).toHaveLength(5);
    expect([0, 1, 2].map((index) => dataset.labels?.(index))).toEqual([[0, 2], [4], []]);
  });

  it('are refused where a dataset of one’s own gives them in disorder', async () => {
    const wrong = { ...several(), labels: () => [2, 0] };
    await expect(batchesOf(wrong)).rejects.toThrow(
      /labels\(\d\) must give class indices 0..2, ascending and each once, got \[ 2, 0 \]/,
    );
  });
});
