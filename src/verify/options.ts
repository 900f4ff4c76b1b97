import { ParameterError } from '../core/errors.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { checkInteger, checkNames } from '../engine/plan/options.ts';
import type { PartOptions } from './stream-part.ts';
import type { VariantResult } from './variant-result.ts';

export interface VerifyOptions extends PartOptions {
  /**
   * Of two epochs, how many of the first batches to compare, and about as many around the first epoch's end; epochs with
   * no more are compared whole. >= 1. Default 4.
   */
  readonly batches?: number;
  /** The most threads to try. Default: as many as there are cores. */
  readonly workers?: number;
  /** What to compare the backend cpu with; a GPU that is named must be there. Default: reference, and gpu if there is one. */
  readonly backends?: readonly ('reference' | 'gpu')[];
  /** As in a pipeline. */
  readonly gpuAdapter?: string;
  /**
   * Whether a small model is trained on 1, 2 and 4 ranks as well, to compare the weights, where an MPI's launcher is found: that
   * takes some seconds. Default false.
   */
  readonly ranks?: boolean;
  /** Datasets of the same samples, such as a store of a folder. */
  readonly sameAs?: readonly Dataset[];
  /** Only variants in whose names this occurs, such as 'ranks'. Default: all. */
  readonly only?: string;
  /** Called for each variant as soon as it is done. */
  readonly onResult?: (result: VariantResult) => void;
}

const names: Readonly<Record<keyof VerifyOptions, true>> = {
  ...{ batchSize: true, seed: true, shuffle: true, dropLast: true, onError: true, maxBad: true },
  ...{ sampleTimeoutMs: true, signal: true, batches: true, workers: true, backends: true, gpuAdapter: true },
  ...{ repeats: true, views: true, sampler: true, ranks: true, sameAs: true, only: true, onResult: true },
};

/** Throws a ParameterError that names the option, where one is unknown or of no use. */
export function checkVerifyOptions(
  options: VerifyOptions & Required<Pick<VerifyOptions, 'batches' | 'workers'>>,
): void {
  checkNames('verifyStream', options, Object.keys(names));
  checkInteger('batches', options.batches, 1);
  checkInteger('workers', options.workers, 1, 1024);
  if (!Array.isArray(options.sameAs ?? []))
    throw new ParameterError('INVALID_OPTION', `sameAs must be a list of datasets, got ${options.sameAs}`);
  checkBackends(options.backends ?? ['reference', 'gpu'], options.gpuAdapter);
}

function checkBackends(backends: readonly unknown[], gpuAdapter: string | undefined): void {
  const unknown = Array.isArray(backends)
    ? backends.find((name) => name !== 'reference' && name !== 'gpu')
    : backends;
  if (unknown !== undefined) {
    const expected = "of 'reference' and 'gpu', to be compared with cpu";
    throw new ParameterError('INVALID_OPTION', `backends must be a list ${expected}, got ${unknown}`);
  }
  if (gpuAdapter === undefined || backends.includes('gpu')) return;
  const reason = `got '${gpuAdapter}', but backends does not name gpu`;
  throw new ParameterError('INVALID_OPTION', `gpuAdapter chooses the GPU to compare with, ${reason}`);
}
