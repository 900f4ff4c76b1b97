import { type Dataset, type SampleIdentity, samplesOf } from '../datasets/dataset.ts';
import { datasetIdentity, withAllLengths } from '../engine/plan/identity.ts';
import { instead } from './compare.ts';
import type { Difference } from './difference.ts';

/** Why two datasets are not of the same samples; undefined where they are. */
export async function compareDatasets(expected: Dataset, actual: Dataset): Promise<Difference | undefined> {
  const [a, b] = await Promise.all([datasetIdentity(expected), datasetIdentity(actual)]);
  if (a === b) return undefined;
  const sample = await firstOtherSample(expected, actual);
  const change = ({ variant = 'nothing' }: Dataset) => variant;
  const detail = sample ?? `images changed by ${instead(change(actual), change(expected))}`;
  return { epoch: 0, batch: 0, stage: 'dataset', detail: `another dataset: ${detail}` };
}

async function firstOtherSample(expected: Dataset, actual: Dataset): Promise<string | undefined> {
  if (expected.length !== actual.length) return `${instead(actual.length, expected.length)} samples`;
  const others = samplesOf(withAllLengths(actual));
  for await (const sample of samplesOf(withAllLengths(expected))) {
    const other = (await others.next()).value as SampleIdentity;
    if (describe(sample) !== describe(other)) return instead(describe(other), describe(sample));
  }
  return undefined;
}

const describe = ({ key, label, byteLength }: SampleIdentity): string =>
  `${key} (label ${label}, ${byteLength < 0 ? 'unreadable' : `${byteLength} bytes`})`;
