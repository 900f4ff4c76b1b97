import { Observable, type OperatorFunction, type Subscriber } from 'rxjs';
import { decode } from '../operators/image/decode.ts';
import { normalize } from '../operators/image/normalize.ts';
import type { Batch } from './core/batch.ts';
import { ParameterError } from './core/errors.ts';
import type { Size } from './core/image.ts';
import { appendStep, isStep, type Step, type StepTarget } from './core/step.ts';
import { isLiveSource } from './datasets/memory/live.ts';
import type { PipelineSource } from './engine/order/pipeline-source.ts';
import { samplerIdentity } from './engine/order/samplers/sampler.ts';
import { batchesPerEpoch, type SamplingOptions, samplingOf } from './engine/order/sampling.ts';
import { checkCombination, checkGiven } from './engine/plan/combination.ts';
import { pipelineDigest } from './engine/plan/digest.ts';
import { explainPlan } from './engine/plan/explain.ts';
import { type Identity, identityOf } from './engine/plan/identity.ts';
import { type PipelineOptions, type ResolvedOptions, resolveOptions } from './engine/plan/options.ts';
import { appendToSteps, fixedSize, makePlan, type Plan } from './engine/plan/plan.ts';
import { openRun } from './engine/run/open-run.ts';
import type { StreamRun } from './engine/run/run.ts';
import type { RunStatistics } from './engine/run/statistics.ts';

/**
 * Starts a pipeline. Nothing runs before it is subscribed to or iterated; each subscription is a run of its own.
 *
 * ```ts
 * const train = pipeline(imageFolder('data/train'), { batchSize: 256, seed: 7, epochs: 10 })
 *   .pipe(randomResizedCrop(224), randomHorizontalFlip(), autoAugment(), mixup(0.2));
 * for await (const batch of train) { ... } // a batch is released when the next is asked for
 * ```
 */
export function pipeline(source: PipelineSource, options: PipelineOptions = {}): Pipeline {
  if (!(source instanceof Object))
    throw new ParameterError(
      'INVALID_SOURCE',
      `pipeline: expected a source such as imageFolder('photos'), got ${source}`,
    );
  const resolved = resolveOptions(options);
  checkGiven(source, options);
  return new Pipeline(source, resolved, []);
}

/** A stream of batches: an RxJS Observable and an async iterable. */
export class Pipeline extends Observable<Batch> implements StepTarget, AsyncDisposable {
  readonly #source: PipelineSource;
  readonly #options: ResolvedOptions;
  readonly #steps: readonly Step[];
  readonly #plan: Plan;
  /** Undefined of a live source. */
  readonly #sampling: SamplingOptions | undefined;
  readonly #opening = new Set<Promise<StreamRun>>();
  readonly #runs = new Set<StreamRun>();
  #latest: StreamRun | undefined;

  /** Use `pipeline(source, options)`. */
  constructor(
    source: PipelineSource,
    options: ResolvedOptions,
    steps: readonly Step[],
    sampling?: SamplingOptions,
  ) {
    super((subscriber) => this.#push(subscriber));
    this.#source = source;
    this.#options = options;
    this.#steps = steps;
    this.#plan = makePlan(steps, { decode: decode(), normalize: normalize() });
    checkCombination(source, options, this.#plan);
    if (isLiveSource(source)) return;
    this.#sampling = sampling ?? samplingOf(source, options);
    batchesPerEpoch(this.#sampling);
  }

  /** Steps of millrace (`autoAugment()`, `mixup(0.2)`) make a new pipeline; RxJS operators may follow. */
  override pipe(): Pipeline;
  override pipe(...steps: Step[]): Pipeline;
  override pipe<A>(a: OperatorFunction<Batch, A>): Observable<A>;
  override pipe<A, B>(a: OperatorFunction<Batch, A>, b: OperatorFunction<A, B>): Observable<B>;
  override pipe<A, B, C>(
    a: OperatorFunction<Batch, A>,
    b: OperatorFunction<A, B>,
    c: OperatorFunction<B, C>,
  ): Observable<C>;
  override pipe<A, B, C, D>(
    a: OperatorFunction<Batch, A>,
    b: OperatorFunction<A, B>,
    c: OperatorFunction<B, C>,
    d: OperatorFunction<C, D>,
  ): Observable<D>;
  override pipe<A, B, C, D, E>(
    a: OperatorFunction<Batch, A>,
    b: OperatorFunction<A, B>,
    c: OperatorFunction<B, C>,
    d: OperatorFunction<C, D>,
    e: OperatorFunction<D, E>,
  ): Observable<E>;
  override pipe<A, B, C, D, E, F>(
    a: OperatorFunction<Batch, A>,
    b: OperatorFunction<A, B>,
    c: OperatorFunction<B, C>,
    d: OperatorFunction<C, D>,
    e: OperatorFunction<D, E>,
    f: OperatorFunction<E, F>,
  ): Observable<F>;
  override pipe<A, B, C, D, E, F, G>(
    a: OperatorFunction<Batch, A>,
    b: OperatorFunction<A, B>,
    c: OperatorFunction<B, C>,
    d: OperatorFunction<C, D>,
    e: OperatorFunction<D, E>,
    f: OperatorFunction<E, F>,
    g: OperatorFunction<F, G>,
  ): Observable<G>;
  override pipe<A, B, C, D, E, F, G>(
    a: OperatorFunction<Batch, A>,
    b: OperatorFunction<A, B>,
    c: OperatorFunction<B, C>,
    d: OperatorFunction<C, D>,
    e: OperatorFunction<D, E>,
    f: OperatorFunction<E, F>,
    g: OperatorFunction<F, G>,
    // biome-ignore lint/suspicious/noExplicitAny: as in RxJS, types are followed no further.
    ...more: OperatorFunction<any, any>[]
  ): Observable<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: the overloads above give the types.
  override pipe(...operators: OperatorFunction<any, any>[]): any {
    return operators.reduce((stream: unknown, operator) => {
      if (typeof operator !== 'function')
        throw new ParameterError(
          'NOT_AN_OPERATOR',
          `pipe: expected a step such as autoAugment(), got ${operator}`,
        );
      return operator(stream as Observable<unknown>);
    }, this);
  }

  [appendStep](step: Step): Pipeline {
    if (!isStep(step)) throw new ParameterError('NOT_AN_OPERATOR', `pipe: not a millrace step: ${step}`);
    return new Pipeline(this.#source, this.#options, appendToSteps(this.#steps, step), this.#sampling);
  }

  /** The plan in words: source, order, which steps share a kernel, what is implied, how much memory it takes. */
  explain(): string {
    return explainPlan(this.#source, this.#plan, this.#options);
  }

  /** Size of every image in the batches, in pixels; undefined where no step fixes it. */
  get imageSize(): Size | undefined {
    return fixedSize(this.#plan);
  }

  /** Batches that an epoch has for this rank; undefined with a live source. */
  get batchesPerEpoch(): number | undefined {
    return this.#sampling && batchesPerEpoch(this.#sampling);
  }

  /** Samples that an epoch has, on all ranks: the dataset's, or as many as the sampler says; undefined with a live source. */
  get samplesPerEpoch(): number | undefined {
    return this.#sampling?.length;
  }

  /**
   * Digest of the steps, their parameters and versions, the seed, the global batch size, and what else decides the order (not of the
   * dataset).
   */
  get digest(): string {
    const { seed, batchSize, worldSize, shuffle, dropLast, repeats, views, sampler } = this.#options;
    return pipelineDigest(this.#plan, {
      ...{ seed, globalBatchSize: batchSize * worldSize, shuffle, dropLast },
      ...(repeats > 1 && { repeats }),
      ...(views > 1 && { views }),
      ...(sampler && { sampler: samplerIdentity(sampler) }),
    });
  }

  /** Names the stream: digests of the dataset, of the pipeline, and of both. Asks for the size of every sample. */
  async identity(): Promise<Identity> {
    return identityOf(this.#source, this.digest);
  }

  /** What the latest run has done so far; undefined before the first. */
  get statistics(): RunStatistics | undefined {
    return this.#latest?.statistics;
  }

  /** Batches one after the other; each is released when the next is asked for, and the run ends with the loop. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    const run = await this.#open();
    const stop = this.#listenForAbort(run);
    try {
      for (let batch = await run.next(); batch !== undefined; batch = await run.next()) {
        try {
          yield batch;
        } finally {
          batch.release();
        }
      }
      this.#options.signal?.throwIfAborted();
    } finally {
      stop();
      await this.#close(run);
    }
  }

  /** Ends every run of this pipeline, its threads and its device. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#opening);
    await Promise.all([...this.#runs].map((run) => this.#close(run)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(): Promise<StreamRun> {
    const opening = this.#openRun();
    this.#opening.add(opening);
    return opening.finally(() => this.#opening.delete(opening));
  }

  async #openRun(): Promise<StreamRun> {
    this.#options.signal?.throwIfAborted();
    const run = await openRun(this.#source, this.#plan, this.#options, this.#sampling);
    this.#runs.add(run);
    this.#latest = run;
    return run;
  }

  async #close(run: StreamRun): Promise<void> {
    await run.close();
    // not before: `close` waits for runs that are being closed as well
    this.#runs.delete(run);
  }

  #listenForAbort(run: StreamRun): () => void {
    const { signal } = this.#options;
    const onAbort = () => void run.close();
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    return () => signal?.removeEventListener('abort', onAbort);
  }

  /** An Observable's side: batches are pushed as soon as they are ready, as many as there are slots. */
  #push(subscriber: Subscriber<Batch>): () => void {
    let run: StreamRun | undefined;
    const pump = async () => {
      run = await this.#open();
      const stop = this.#listenForAbort(run);
      try {
        for (;;) {
          const batch = subscriber.closed ? undefined : await run.next();
          if (batch === undefined) break;
          // what came when nobody listened any more
          if (subscriber.closed) batch.release();
          else subscriber.next(batch);
        }
        this.#options.signal?.throwIfAborted();
      } finally {
        stop();
        await this.#close(run);
      }
    };
    pump().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      if (run !== undefined) void this.#close(run);
    };
  }
}
