import { setImmediate } from 'node:timers/promises';
import type { Batch } from '../../core/batch.ts';
import { MillraceError, ParameterError, reasonOf, TrainerError } from '../../core/errors.ts';
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
import { checkClassWeights } from '../recipe/optimizer-checks.ts';
import { fetchImages } from './image-tensors.ts';
import { forward, plainSeam, type Seam } from './network.ts';
import type { ParameterStore } from './parameter-store.ts';
import { closeSession, loadSession, openSession, type Session, saveSession } from './session.ts';
import { compute, openTensorflow, type TfjsBackend, tfjsBackends } from './tensorflow.ts';
import { applySum, contribution, trainStep } from './train-step.ts';
import { checkSettings } from './unsupported.ts';

export interface TfjsOptions {
  /** Backend of TensorFlow.js, default `wasm`. */
  readonly backend?: string;
  /** Where operands and activations pass, for fake quantisation. Default: unchanged. */
  readonly seam?: Seam;
}

/** Trains an EfficientNet with TensorFlow.js in float32. A step is one long computation: it blocks the event loop. */
export function createTrainer({
  backend = 'wasm',
  seam = plainSeam,
}: TfjsOptions = {}): Trainer<EfficientNet> {
  if (isBackend(backend)) return new TfjsTrainer(backend, seam);
  const known = tfjsBackends.join(', ');
  throw new ParameterError('UNKNOWN_BACKEND', `tfjs: backend must be one of ${known}, got ${backend}`);
}

const isBackend = (name: string): name is TfjsBackend => (tfjsBackends as readonly string[]).includes(name);

class TfjsTrainer implements Trainer<EfficientNet> {
  readonly name = 'tfjs';
  readonly givesLosses = true;
  readonly weighsClasses = true;
  readonly #backend: TfjsBackend;
  readonly #seam: Seam;
  #session: Session | undefined;
  #isBroken = false;

  constructor(backend: TfjsBackend, seam: Seam) {
    this.#backend = backend;
    this.#seam = seam;
  }

  async prepare(model: EfficientNet, options: PrepareOptions): Promise<void> {
    if (options.precision !== 'float32') {
      const message = `tfjs: precision must be float32, got ${options.precision}`;
      throw new TrainerError('UNSUPPORTED_PRECISION', message);
    }
    if (options.quantization !== undefined) {
      const message = 'tfjs: cannot train a quantized model; the trainer graph can';
      throw new TrainerError('CANNOT_QUANTIZE', message);
    }
    if (!Array.isArray(model?.blocks)) {
      throw new TrainerError('UNSUPPORTED_MODEL', 'tfjs: expected a model made by efficientNet');
    }
    checkSettings(options.settings);
    checkClassWeights(options.settings, model.classes);
    await this.close();
    const tensorflow = await openTensorflow(this.#backend, options.device);
    try {
      this.#session = openSession(tensorflow, model, this.#seam, options);
    } catch (error) {
      tensorflow.close();
      throw error;
    }
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
    return this.#use('evaluateStep', (session) => evaluate(session, session.parameters, batch));
  }

  evaluateAverageStep(batch: Batch): Promise<EvaluationResult> {
    return this.#use('evaluateAverageStep', (session) => {
      const { average } = session;
      if (average) return evaluate(session, average, batch);
      throw new TrainerError('NO_AVERAGE', 'tfjs: evaluateAverageStep: prepared without emaDecay');
    });
  }

  predict(batch: Batch): Promise<Float32Array> {
    return this.#use('predict', (session) => computeLogits(session, session.parameters, batch));
  }

  state(): Promise<TrainerState> {
    return this.#use('state', saveSession);
  }

  load(state: TrainerState): Promise<void> {
    return this.#use('load', async (session) => loadSession(session, state));
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    // after an abort the memory that it would free is not to be had any more
    if (session && !this.#isBroken) closeSession(session);
    session?.tensorflow.close();
  }

  async #use<Result>(method: string, action: (session: Session) => Promise<Result>): Promise<Result> {
    const session = this.#session;
    if (!session) throw new TrainerError('NOT_PREPARED', `tfjs: ${method} before prepare, or after close`);
    const { gpu } = session.tensorflow;
    try {
      gpu?.check();
      const running = action(session);
      return await (gpu?.wait(running) ?? running);
    } catch (cause) {
      this.#isBroken ||= isWasmOutOfMemory(cause);
      // the loss of a device is reported a little later than what failed by it
      await setImmediate();
      throw errorOf(method, gpu?.failure ?? cause);
    }
  }
}

async function evaluate(session: Session, weights: ParameterStore, batch: Batch): Promise<EvaluationResult> {
  const logits = await computeLogits(session, weights, batch);
  return evaluateLogits(logits, batch, session.model.classes);
}

async function computeLogits(session: Session, weights: ParameterStore, batch: Batch): Promise<Float32Array> {
  const images = await fetchImages(session.tensorflow, batch);
  const logits = compute(session.tensorflow, () =>
    forward({ ...session, weights: weights.tensors, training: undefined }, images()),
  );
  const values = await logits.data<'float32'>();
  logits.dispose();
  return values;
}

function errorOf(method: string, cause: unknown): MillraceError {
  const reason = reasonOf(cause);
  if (isWasmOutOfMemory(cause)) return outOfMemory(method, 'WebAssembly ran out of memory (4 GiB)', cause);
  if (!(cause instanceof MillraceError))
    return new TrainerError('TFJS_FAILED', `tfjs: ${method}: ${reason}`, { cause });
  return isGpuTooSmall(cause) ? outOfMemory(method, reason.split('\n', 1).join(), cause) : cause;
}

/** The GPU has not got the memory, or lets no shader use so much of it at once. */
const isGpuTooSmall = ({ code, message }: MillraceError): boolean =>
  code === 'OUT_OF_MEMORY' || message.includes('maximum storage buffer binding size');

/** What the wasm backend throws when its memory, 4 GiB at most, cannot grow: an abort, or a trap soon after it. */
const isWasmOutOfMemory = (cause: unknown): boolean =>
  cause instanceof Error && (cause.name === 'RuntimeError' || cause.message.startsWith('Aborted('));

function outOfMemory(method: string, reason: string, cause: unknown): TrainerError {
  const advice = 'use a smaller batch or image size, or a smaller model such as efficientnet-nano';
  return new TrainerError('OUT_OF_MEMORY', `tfjs: ${method}: ${reason}: ${advice}`, { cause });
}
