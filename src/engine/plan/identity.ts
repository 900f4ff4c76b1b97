import { createHash } from 'node:crypto';
import { ParameterError } from '../../core/errors.ts';
import { type Dataset, datasetDigest } from '../../datasets/dataset.ts';
import { isLiveSource } from '../../datasets/memory/live.ts';
import { lengthOrNone } from '../../datasets/sample.ts';
import type { PipelineSource } from '../order/pipeline-source.ts';

/** What names a stream before any of it is made: equal identities, equal streams. SHA-256 in hex. */
export interface Identity {
  /** Keys, labels and byte lengths of the samples, in order. */
  readonly dataset: string;
  /** Steps, parameters, versions, seed, global batch size. */
  readonly pipeline: string;
  /** Of both. */
  readonly digest: string;
}

/** @param pipeline digest of what is done to the source */
export async function identityOf(source: PipelineSource, pipeline: string): Promise<Identity> {
  if (isLiveSource(source)) {
    const reason = 'its images are not known before they come, and have no order';
    throw new ParameterError('NO_IDENTITY', `${source.name}: a live source has no identity: ${reason}`);
  }
  const dataset = await datasetIdentity(source);
  const digest = createHash('sha256')
    .update(JSON.stringify([dataset, pipeline]))
    .digest('hex');
  return { dataset, pipeline, digest };
}

export function datasetIdentity(dataset: Dataset): Promise<string> {
  return datasetDigest(withAllLengths(dataset));
}

/** A file that cannot be read has the length -1: it is the stream's to tell of, when its turn comes. */
export function withAllLengths(dataset: Dataset): Dataset {
  const { name, length, classes, reader, variant } = dataset;
  return {
    ...{ name, length, classes, reader },
    ...(variant !== undefined && { variant }),
    key: (index) => dataset.key(index),
    label: (index) => dataset.label(index),
    ...(dataset.labels && { labels: dataset.labels.bind(dataset) }),
    locator: (index) => dataset.locator(index),
    byteLength: (index) => lengthOrNone(dataset, index),
  };
}
