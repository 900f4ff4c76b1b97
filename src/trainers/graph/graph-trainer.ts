import { setImmediate } from 'node:timers/promises';
import type { Batch } from '../../core/batch.ts';
import { MillraceError, reasonOf, TrainerError } from '../../core/errors.ts';
import type {
  Contribution,
  EvaluationResult,
  PartOptions,
  PrepareOptions,
  Trainer,
  TrainerState,
  TrainStepOptions,
  TrainStepResult,
} from '../../core/trainer.ts';
import type { EfficientNet } from '../../models/efficientnet.ts';
import { evaluateLogits } from '../recipe/evaluate-logits.ts';
import { checkClassWeights, checkOptimizer } from '../recipe/optimizer-checks.ts';
import { checkModel } from './check-model.ts';
import { applySum, contribution } from './contribution.ts';
import { type GraphTrainerOptions, openDevice } from './devices/open-device.ts';
import { computeLogits } from './evaluate.ts';
import { checkExact, checkNotExact } from './exact-evaluation.ts';
import { observe } from './observe.ts';
import { GraphSession } from './session.ts';
import { loadState, saveState } from './state.ts';
import { trainStep } from './train-step.ts';

/** Trains an EfficientNet by its training graph: on the CPU, or on any vendor's GPU, there in mixed precision too. */
export const createTrainer = (options: GraphTrainerOptions = {}): Trainer<EfficientNet> =>
  new GraphTrainer(options);

/** Version of the plan. Another plan of the same graph adds in another order, so bits depend on it. */
const PLAN = '1';

export class GraphTrainer implements Trainer<EfficientNet> {
  readonly name = 'graph';
  readonly precisions = ['float32', 'mixed'] as const;
  readonly givesLosses = true;
  readonly weighsClasses = true;
  readonly evaluatesExactly = true;
  readonly #options: GraphTrainerOptions;
  #session: GraphSession | undefined;
  /** Settles with the last call so far. Calls run one after the other: they share inputs and memory. */
  #last: Promise<unknown> = Promise.resolve();
  #environment: Readonly<Record<string, string>> | undefined;

  constructor(options: GraphTrainerOptions) {
    this.#options = options;
  }

  get environment(): Readonly<Record<string, string>> {
    return this.#environment ?? {};
  }

  /** The prepared session, for benchmarks that time its parts. */
  get session(): GraphSession {
    if (!this.#session)
      throw new TrainerError('NOT_PREPARED', 'graph: session before prepare, or after close');
    return this.#session;
  }

  async prepare(model: EfficientNet, options: PrepareOptions): Promise<void> {
    const { precision, settings, quantization } = options;
    if (!this.precisions.some((one) => one === precision)) {
      const message = `graph: precision must be ${this.precisions.join(' or ')}, got ${precision}`;
      throw new TrainerError('UNSUPPORTED_PRECISION', message);
    }
    if (quantization !== undefined && precision !== 'float32') {
      const message = `graph: a quantized model trains in float32 alone, got precision ${precision}`;
      throw new TrainerError('CANNOT_QUANTIZE', message);
    }
    checkModel(model);
    if (quantization !== undefined) checkExact(model, quantization);
    checkOptimizer(settings);
    checkClassWeights(settings, model.classes);
    await this.close();
    const device = await openDevice(this.#options, options);
    this.#session = await GraphSession.open(device, model, options);
    this.#environment = { ...device.environment, plan: PLAN };
  }

  trainStep(batch: Batch, options: TrainStepOptions): Promise<TrainStepResult> {
    return this.#use('trainStep', (session) => trainStep(session, batch, options));
  }

  contribution(part: Batch, options: PartOptions): Promise<Contribution> {
    return this.#use('contribution', (session) => contribution(session, part, options));
  }

  applySum(sum: Float32Array, options: Omit<PartOptions, 'firstRow' | 'onReady'>): Promise<TrainStepResult> {
    return this.#use('applySum', (session) => applySum(session, sum, options));
  }

  evaluateStep(batch: Batch): Promise<EvaluationResult> {
    return this.#use('evaluateStep', async (session) => {
      const logits = await computeLogits(session, batch, session.parameters.weights);
      return evaluateLogits(logits, batch, session.model.classes);
    });
  }

  evaluateAverageStep(batch: Batch): Promise<EvaluationResult> {
    return this.#use('evaluateAverageStep', async (session) => {
      checkNotExact(
        session.options,
        'evaluateAverageStep',
        'which is of the weights: load the average as such',
      );
      const { average } = session.parameters;
      if (average === undefined)
        throw new TrainerError('NO_AVERAGE', 'graph: evaluateAverageStep: prepared without emaDecay');
      const logits = await computeLogits(session, batch, average);
      return evaluateLogits(logits, batch, session.model.classes);
    });
  }

  predict(batch: Batch): Promise<Float32Array> {
    return this.#use('predict', (session) => computeLogits(session, batch, session.parameters.weights));
  }

  observe(
    batch: Batch,
    points: readonly string[],
    hear: (point: string, values: Float32Array) => void,
  ): Promise<void> {
    return this.#use('observe', (session) => observe(session, batch, points, hear));
  }

  state(): Promise<TrainerState> {
    return this.#use('state', saveState);
  }

  load(state: TrainerState): Promise<void> {
    return this.#use('load', async (session) => loadState(session, state));
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await this.#last;
    await session?.close();
  }

  async #use<Result>(method: string, action: (session: GraphSession) => Promise<Result>): Promise<Result> {
    const session = this.#session;
    if (!session) throw new TrainerError('NOT_PREPARED', `graph: ${method} before prepare, or after close`);
    const result = this.#last.then(() => {
      session.device.check();
      return session.device.wait(action(session));
    });
    this.#last = result.catch(() => {});
    try {
      return await result;
    } catch (cause) {
      // the loss of a device is reported a little later than what failed by it
      await setImmediate();
      const error = session.device.failure ?? cause;
      if (error instanceof MillraceError) throw error;
      throw new TrainerError('GRAPH_FAILED', `graph: ${method}: ${reasonOf(error)}`, { cause: error });
    }
  }
}
