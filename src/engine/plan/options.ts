import { availableParallelism } from 'node:os';
import { SAMPLE_TIMEOUT_MS } from '../../../backends/threads/retry.ts';
import { ParameterError } from '../../core/errors.ts';
import type { StreamPosition } from '../order/feed.ts';
import { checkSampler, type Sampler } from '../order/samplers/sampler.ts';
import { type BadBudget, checkBudget, errorActions, type OnError } from '../order/substitution.ts';
import { type BackendName, resolveBackendName } from './backend-name.ts';

export interface PipelineOptions {
  /** Rows a batch (of this rank; the global batch is batchSize x worldSize). Default 32. */
  readonly batchSize?: number;
  /** Default 'cpu'. */
  readonly backend?: BackendName | 'pytorch' | 'dali-cpu' | 'dali-gpu';
  /** With the gpu backend: its adapter's place in the list that `millrace doctor` prints, or a part of its name. Default: the fastest. */
  readonly gpuAdapter?: string;
  /** Threads that prepare rows; 0 prepares them on the calling thread. Default: as many as there are cores. */
  readonly workers?: number;
  /** Integer, 0..2^53-1. Default 0. */
  readonly seed?: number;
  /** Passes over the dataset; Infinity repeats for ever. Default 1. */
  readonly epochs?: number;
  /** A new random order every epoch. Default true. */
  readonly shuffle?: boolean;
  /**
   * Which sample stands where, instead of a shuffled order: `classBalanced()`, `weighted(...)`, `classesByRows(8, 4)`,
   * `blockShuffle(256)`, or one of your own (docs/sampling.md). Default: none, each sample once an epoch.
   */
  readonly sampler?: Sampler;
  /** Leaves out an epoch's last incomplete global batch. Default false: it is delivered, smaller. */
  readonly dropLast?: boolean;
  /**
   * Repeated augmentation: each sample of an epoch stands in a batch so many times, drawn anew each time. An epoch keeps its length,
   * and has the fewer samples. The global batch is a multiple of it. Default 1.
   */
  readonly repeats?: number;
  /**
   * So many rows of each sample, drawn differently, in one batch (`rowsOfView`): an epoch is longer by this factor. `batchSize` still
   * counts rows, and is a multiple of it, with worldSize > 1 of twice as many. Default 1.
   */
  readonly views?: number;
  /** Batches prepared ahead of the one in use. Default 2. */
  readonly prefetch?: number;
  /** This process's part of the global batch. Default 0 of 1. */
  readonly rank?: number;
  readonly worldSize?: number;
  /** 'substitute': another sample stands in for one that cannot be used, and the batch says so. Default 'stop'. */
  readonly onError?: OnError;
  /** With 'substitute': the most bad samples, each counted once, before the run stops after all. Default '1%' of an epoch's rows. */
  readonly maxBad?: BadBudget;
  /** With 'substitute': file that bad samples are added to, a JSON line each (docs/bad-data.md). Default: none. */
  readonly quarantine?: string;
  /** Makes `batch.drawn` say what was drawn for each row. Default false. */
  readonly recordDraws?: boolean;
  /** Makes `batch.digest` a rolling digest of the stream (ids, labels, draws, pixels). Default false. */
  readonly digest?: boolean;
  /**
   * First batch to deliver; to go on after an interruption. After an epoch's last batch comes the next epoch's first.
   * Default { epoch: 0, batch: 0 }. `digest` is that of the batch before it in the epoch: with it, the digests go on too.
   */
  readonly start?: StreamPosition & { readonly digest?: string };
  /**
   * Milliseconds that a thread may take for one sample. A thread that takes longer is replaced and the sample tried once
   * more; then it is a bad sample. Infinity: no limit. Not with `workers: 0`: nothing can end the calling thread.
   * Default 60000.
   */
  readonly sampleTimeoutMs?: number;
  /** Rows a thread takes at a time, fewer where a batch has fewer for each. Default 16. Has no influence on what is delivered. */
  readonly chunkRows?: number;
  /** Ends the stream with the signal's reason. */
  readonly signal?: AbortSignal;
}

export type ResolvedOptions = Required<
  Omit<PipelineOptions, 'signal' | 'backend' | 'gpuAdapter' | 'start' | 'quarantine' | 'sampler'>
> & {
  readonly sampler: Sampler | undefined;
  readonly backend: BackendName;
  readonly gpuAdapter: string | undefined;
  readonly quarantine: string | undefined;
  readonly start: StreamPosition & { readonly digest?: string };
  readonly signal: AbortSignal | undefined;
};

/** Draws are keyed by 16 bits of them. */
const MOST_COPIES = 65_536;

/** Fills in defaults and checks every name and value. */
export function resolveOptions(options: PipelineOptions): ResolvedOptions {
  const resolved = withDefaults(options);
  checkNames('pipeline', options, Object.keys(resolved));
  checkIntegers(resolved);
  for (const name of ['shuffle', 'dropLast', 'recordDraws', 'digest'] as const)
    checkBoolean(name, resolved[name]);
  checkDigest(resolved.start.digest);
  checkTimeout(resolved.sampleTimeoutMs);
  checkAdapter(resolved);
  checkBudget(resolved.maxBad);
  checkOnError(resolved.onError);
  checkQuarantine(resolved);
  checkOrder(resolved);
  return resolved;
}

/** Names all options there are, those without a default too. */
function withDefaults(options: PipelineOptions): ResolvedOptions {
  return {
    batchSize: options.batchSize ?? 32,
    backend: resolveBackendName(options.backend ?? 'cpu'),
    gpuAdapter: options.gpuAdapter,
    workers: options.workers ?? availableParallelism(),
    seed: options.seed ?? 0,
    epochs: options.epochs ?? 1,
    shuffle: options.shuffle ?? true,
    sampler: options.sampler,
    dropLast: options.dropLast ?? false,
    repeats: options.repeats ?? 1,
    views: options.views ?? 1,
    prefetch: options.prefetch ?? 2,
    rank: options.rank ?? 0,
    worldSize: options.worldSize ?? 1,
    onError: options.onError ?? 'stop',
    maxBad: options.maxBad ?? '1%',
    quarantine: options.quarantine,
    recordDraws: options.recordDraws ?? false,
    digest: options.digest ?? false,
    sampleTimeoutMs: options.sampleTimeoutMs ?? SAMPLE_TIMEOUT_MS,
    start: options.start ?? { epoch: 0, batch: 0 },
    chunkRows: options.chunkRows ?? 16,
    signal: options.signal,
  };
}

/** Throws a ParameterError where an option is called something else than these. */
export function checkNames(of: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const message = `${of}: unknown option '${unknown}' (known: ${known.join(', ')})`;
  throw new ParameterError('UNKNOWN_OPTION', message);
}

function checkIntegers(options: ResolvedOptions): void {
  const { batchSize, workers, seed, epochs, prefetch, worldSize, rank, chunkRows, start } = options;
  checkInteger('batchSize', batchSize, 1);
  checkInteger('repeats', options.repeats, 1, MOST_COPIES);
  checkInteger('views', options.views, 1, MOST_COPIES);
  checkInteger('workers', workers, 0, 1024);
  checkInteger('seed', seed, 0);
  if (epochs !== Number.POSITIVE_INFINITY) checkInteger('epochs', epochs, 1, 2 ** 32 - 1);
  checkInteger('prefetch', prefetch, 1, 1024);
  checkInteger('worldSize', worldSize, 1);
  checkInteger('rank', rank, 0, worldSize - 1);
  checkInteger('chunkRows', chunkRows, 1);
  checkInteger('start.epoch', start.epoch, 0, 2 ** 32 - 1);
  checkInteger('start.batch', start.batch, 0);
}

function checkAdapter({ gpuAdapter, backend }: ResolvedOptions): void {
  if (gpuAdapter === undefined) return;
  const given = `got ${JSON.stringify(gpuAdapter)}`;
  if (typeof gpuAdapter !== 'string' || gpuAdapter === '') {
    const expected = "a string: an adapter's place in the list, or a part of its name";
    throw new ParameterError('INVALID_OPTION', `gpuAdapter must be ${expected}, ${given}`);
  }
  if (backend === 'gpu') return;
  const reason = `the data backend ${backend} uses none`;
  throw new ParameterError(
    'INVALID_OPTION',
    `gpuAdapter chooses the GPU of the data backend gpu, ${given}, but ${reason}`,
  );
}

/** '' is that of an epoch's beginning. */
function checkDigest(digest: unknown): void {
  if (digest === undefined || (typeof digest === 'string' && /^([0-9a-f]{64})?$/.test(digest))) return;
  const expected = "the digest of the batch before, 64 hexadecimal digits, or ''";
  throw new ParameterError('INVALID_OPTION', `start.digest must be ${expected}, got ${digest}`);
}

function checkTimeout(sampleTimeoutMs: number): void {
  if (typeof sampleTimeoutMs === 'number' && sampleTimeoutMs >= 1) return;
  const expected = 'milliseconds, 1 or more, or Infinity';
  throw new ParameterError('INVALID_OPTION', `sampleTimeoutMs must be ${expected}, got ${sampleTimeoutMs}`);
}

function checkOnError(onError: OnError): void {
  if (errorActions.includes(onError)) return;
  const expected = errorActions.map((action) => `'${action}'`).join(' or ');
  throw new ParameterError('INVALID_OPTION', `onError must be ${expected}, got '${onError}'`);
}

function checkQuarantine({ quarantine, onError }: ResolvedOptions): void {
  if (quarantine === undefined) return;
  const given = `got ${JSON.stringify(quarantine)}`;
  if (typeof quarantine !== 'string' || quarantine === '')
    throw new ParameterError('INVALID_OPTION', `quarantine must be the path of a file, ${given}`);
  if (onError === 'substitute') return;
  const reason = `${given}, but onError is 'stop': the first one ends the run`;
  throw new ParameterError(
    'INVALID_OPTION',
    `quarantine lists the bad samples that were replaced, ${reason}`,
  );
}

function checkOrder({ sampler, shuffle }: ResolvedOptions): void {
  if (sampler === undefined) return;
  checkSampler(sampler);
  if (shuffle) return;
  const reason = 'the sampler says what stands where';
  throw new ParameterError(
    'INVALID_OPTION',
    `shuffle: false asks for the dataset's order, but ${reason} (${sampler.name}): leave one out`,
  );
}

function checkBoolean(name: string, value: unknown): void {
  if (typeof value === 'boolean') return;
  throw new ParameterError('INVALID_OPTION', `${name} must be true or false, got ${value}`);
}

/** Throws a ParameterError that names the option where the value is no integer of min..max. */
export function checkInteger(name: string, value: number, min: number, max = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  const isOpen = max === Number.MAX_SAFE_INTEGER && !(value > max);
  const range = isOpen ? `>= ${min}` : `${min}..${max}`;
  throw new ParameterError('INVALID_OPTION', `${name} must be an integer ${range}, got ${value}`);
}
