import type { StepNumbers, TensorProgram } from '../../../backends/tensor-kernels/program.ts';
import type { PreparedProgram, TensorExecutor } from '../../../backends/tensor-kernels/tensor-executor.ts';
import { TrainerError } from '../../core/errors.ts';
import type { PrepareOptions, TensorMap } from '../../core/trainer.ts';
import { type GraphOptions, type ModelGraph, modelGraph } from '../../graph/model-graph.ts';
import { type DeviceTraits, quantizedTraits } from '../../graph/plan/device-traits.ts';
import { type ParameterPlan, type ParameterSet, planParameters } from '../../graph/plan/parameter-plan.ts';
import {
  type PartProgram,
  type PartTensors,
  partProgram,
  partTensors,
} from '../../graph/plan/part-program.ts';
import {
  type EvaluationProgram,
  evaluationProgram,
  type ParameterPhase,
  parameterProgram,
  type StepProgram,
  stepProgram,
} from '../../graph/plan/programs.ts';
import type { EfficientNet } from '../../models/efficientnet.ts';
import { frozenLayers } from '../../models/frozen-layers.ts';
import { parametersOf } from '../../models/parameters.ts';
import type { BatchShape } from './batch-inputs.ts';
import type { GraphDevice } from './devices/graph-device.ts';
import { ExactEvaluation } from './exact-evaluation.ts';
import { prepareFitting, type Ready } from './memory-limits.ts';
import { ParameterValues } from './parameter-values.ts';

export const noNumbers: StepNumbers = {
  learningRate: 0,
  bodyLearningRate: 0,
  lossFactor: 1,
  averageDecay: 0,
};

/** A model in training on a device: its parameters there, and a program for each shape of batches. */
export class GraphSession {
  readonly device: GraphDevice;
  readonly model: EfficientNet;
  /** Names of the layers that do not learn. */
  readonly frozen: ReadonlySet<string>;
  readonly options: PrepareOptions;
  readonly executor: TensorExecutor;
  readonly parameters: ParameterPlan;
  readonly values: ParameterValues;
  /** On the device once parts are computed. */
  readonly ofPart: PartTensors;
  /** Where the model is evaluated on integers. */
  readonly exact: ExactEvaluation | undefined;
  /** Whether weights were loaded or drawn, whether the optimizer remembers anything, and whether gradients wait. */
  hasWeights = false;
  hasMemory = false;
  hasGradients = false;
  /** Ranges that were loaded, as a state has them. */
  ranges: TensorMap | undefined;
  /** Command buffers of a step: each is to take about 0.2 s, before watchdogs of drivers get impatient. Many, until one is timed. */
  commandBuffers = 32;
  readonly changes: PreparedProgram<ParameterPhase>;
  #vector: Float32Array<ArrayBuffer> | undefined;
  readonly #programs = new Map<string, Promise<Ready<TensorProgram>>>();

  private constructor(
    device: GraphDevice,
    { model, frozen }: Pick<GraphSession, 'model' | 'frozen'>,
    options: PrepareOptions,
    [parameters, changes]: readonly [ParameterPlan, PreparedProgram<ParameterPhase>],
    exact: ExactEvaluation | undefined,
  ) {
    this.device = device;
    this.model = model;
    this.frozen = frozen;
    this.options = options;
    this.executor = device.executor;
    this.parameters = parameters;
    this.changes = changes;
    this.exact = exact;
    this.ofPart = partTensors(parameters);
    const names = parametersOf(model).map(({ name }) => name);
    this.values = new ParameterValues(device.executor, parameters, names);
  }

  /** The session closes the device. */
  static async open(
    device: GraphDevice,
    model: EfficientNet,
    options: PrepareOptions,
  ): Promise<GraphSession> {
    const { settings, precision, quantization } = options;
    const isMixed = precision === 'mixed';
    const [traits] = traitsOf(device, options);
    const quantized = quantization && { quantization };
    try {
      const frozen = frozenLayers(model, settings.frozen);
      const training = { labelSmoothing: 0, frozen };
      const { graph } = modelGraph(model, { ...smallShape, training, ...quantized });
      const parameters = planParameters(graph, { settings, isMixed, device: traits, ...quantized });
      const program = parameterProgram(parameters, settings, growthIntervalOf(options));
      const changes = await device.executor.prepare(program);
      const exact = await ExactEvaluation.open(model, device.executor, options, parameters);
      return new GraphSession(device, { model, frozen }, options, [parameters, changes], exact);
    } catch (error) {
      await device.close();
      throw error;
    }
  }

  get isMixed(): boolean {
    return this.executor.isMixed;
  }

  /** For what a part contributes, or the mean over parts: valid until it is asked for again. */
  vector(): Float32Array<ArrayBuffer> {
    const { values, running } = this.parameters.learning;
    this.#vector ??= new Float32Array(values + running + 1);
    return this.#vector;
  }

  /** Changes parameters in these ways, in order. */
  change(phases: readonly ParameterPhase[], numbers: StepNumbers = noNumbers): void {
    this.executor.run(this.changes, phases, numbers);
  }

  /** Throws where the model is quantised and its ranges are not known. */
  checkCalibrated(): void {
    if (this.options.quantization === undefined || this.ranges !== undefined) return;
    const message = 'graph: the quantized model has no ranges yet; load a state with its part quant';
    throw new TrainerError('NOT_CALIBRATED', message);
  }

  /** @param fixedStatistics whether batch norms take the running statistics */
  stepOf(shape: BatchShape, fixedStatistics = false): Promise<Ready<StepProgram>> {
    const name = fixedStatistics ? 'step with fixed statistics' : 'step';
    return this.#ready(name, shape, (one, parameters) =>
      stepProgram(this.#trainingGraph(one, fixedStatistics), parameters),
    );
  }

  /** The same, of a part of a step's batch. */
  partOf(shape: BatchShape, fixedStatistics = false): Promise<Ready<PartProgram>> {
    const name = fixedStatistics ? 'part with fixed statistics' : 'part';
    return this.#ready(name, shape, (one, parameters) =>
      partProgram(this.#trainingGraph(one, fixedStatistics), parameters, this.ofPart),
    );
  }

  evaluationOf(shape: BatchShape, set: ParameterSet): Promise<Ready<EvaluationProgram>> {
    const { exact } = this;
    if (exact !== undefined)
      return this.#ready('evaluation on integers', shape, (one, parameters) =>
        exact.program(one, parameters),
      );
    const name = set === this.parameters.weights ? 'evaluation' : 'evaluation of the average';
    return this.#ready(name, shape, (one, parameters) =>
      evaluationProgram(this.#graph(one), parameters, set),
    );
  }

  /** An evaluation without any rounding that keeps the values of points. */
  observationOf(shape: BatchShape, points: readonly string[]): Promise<Ready<EvaluationProgram>> {
    const { weights } = this.parameters;
    const unrounded = { ...weights, copies: weights.values };
    return this.#ready(`observation of ${points.join()}`, shape, (one, parameters) =>
      evaluationProgram(modelGraph(this.model, { ...one, observed: points }), parameters, unrounded),
    );
  }

  #trainingGraph(shape: BatchShape, fixedStatistics: boolean): ModelGraph {
    const { loss, labelSmoothing, classWeights } = this.options.settings;
    const weighsClasses = classWeights !== undefined;
    const training = { loss, labelSmoothing, weighsClasses, frozen: this.frozen, fixedStatistics };
    return this.#graph(shape, { training });
  }

  #graph(shape: BatchShape, options: Pick<GraphOptions, 'training'> = {}): ModelGraph {
    const { quantization } = this.options;
    return modelGraph(this.model, { ...shape, ...options, ...(quantization && { quantization }) });
  }

  #ready<Program extends TensorProgram>(
    name: string,
    shape: BatchShape,
    plan: (shape: BatchShape, parameters: ParameterPlan) => Program,
  ): Promise<Ready<Program>> {
    const key = [name, ...Object.values(shape)].join();
    const known = this.#programs.get(key);
    if (known !== undefined) return known as Promise<Ready<Program>>;
    const making = this.#make(shape, plan);
    this.#programs.set(key, making);
    // what did not fit may fit later
    making.catch(() => this.#programs.delete(key));
    return making;
  }

  #make<Program extends TensorProgram>(
    given: BatchShape,
    plan: (shape: BatchShape, parameters: ParameterPlan) => Program,
  ): Promise<Ready<Program>> {
    const isRounded = this.options.quantization !== undefined;
    // rounded images are a lazy value
    const isWidened = isRounded && !this.device.traits[0].readsHalves;
    const shape: BatchShape = isWidened ? { ...given, images: 'f32' } : given;
    const plans = traitsOf(this.device, this.options).map(
      (device) => (one: BatchShape) => plan(one, { ...this.parameters, device }),
    );
    return prepareFitting(this.device, shape, plans, (program) =>
      this.executor.prepare(program, this.options.onCompile),
    );
  }

  close(): Promise<void> {
    return this.device.close();
  }
}

const smallShape = { rows: 1, height: 32, width: 32, images: 'f32' } as const;

function traitsOf(
  { traits }: GraphDevice,
  { quantization }: PrepareOptions,
): readonly [DeviceTraits, ...DeviceTraits[]] {
  if (quantization === undefined) return traits;
  const [first, ...others] = traits;
  return [quantizedTraits(first), ...others.map(quantizedTraits)];
}

/** For mixed precision alone. By default the scale never grows. */
function growthIntervalOf({ precision, lossScaling }: PrepareOptions): number | undefined {
  return precision === 'mixed' ? (lossScaling?.growthInterval ?? Number.POSITIVE_INFINITY) : undefined;
}
