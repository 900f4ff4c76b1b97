import { ParameterError } from '../core/errors.ts';
import type { Step } from '../core/step.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { datasetIdentity } from '../engine/plan/identity.ts';
import { hasWholeBatch, trainingStream } from '../streams/stream-options.ts';
import type { CompleteOptions } from '../training/complete-options.ts';
import type { RecordedStep } from '../training/recorded-run.ts';

/** In what the stream is another than the run's: an error, or a warning where it is forced. */
export async function differences(
  { run, path }: RecordedStep,
  dataset: Dataset,
  steps: readonly Step[],
  { stream, force = false }: CompleteOptions,
): Promise<string[]> {
  const dropLast = hasWholeBatch(dataset, stream);
  const { digest: pipelineDigest } = trainingStream(dataset, steps, stream, { dropLast });
  const digest = run.datasetDigest === undefined ? undefined : await datasetIdentity(dataset);
  const found: string[] = [];
  if (dataset.length !== run.data.length || digest !== run.datasetDigest) {
    const was = describe(run.data, run.datasetDigest);
    found.push(`the dataset was ${was}, is ${describe(dataset, digest)}`);
  }
  if (pipelineDigest !== run.pipelineDigest) {
    const [was, is] = [run.pipelineDigest, pipelineDigest].map((full) => full.slice(0, 12));
    found.push(`the pipeline's digest was ${was}, is ${is}`);
  }
  if (found.length === 0) return digest === undefined ? [judgedByLength] : [];
  const message = `${path}: this is not the stream that the run saw: ${found.join('; ')}`;
  if (!force) throw new ParameterError('OTHER_STREAM', `${message}. force (--force) shows it anyway`);
  return [message];
}

function describe({ name, length }: Pick<Dataset, 'name' | 'length'>, digest: string | undefined): string {
  return `${name} of ${length} images${digest === undefined ? '' : ` (digest ${digest.slice(0, 12)})`}`;
}

const judgedByLength =
  'The run wrote no digest of its dataset, as it kept no weights: whether it is the same was judged by its length.';
