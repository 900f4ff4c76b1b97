import type { Gpu } from '../../../backends/gpu/device/device.ts';
import type { DeviceForm } from '../../../backends/gpu/tensors/device-form.ts';
import { type DispatchedProgram, GpuTensorExecutor } from '../../../backends/gpu/tensors/tensor-executor.ts';

import type { StepNumbers, TensorProgram } from '../../../backends/tensor-kernels/program.ts';
import type { PrepareOptions } from '../../core/trainer.ts';
import { type ModelGraph, modelGraph } from '../../graph/model-graph.ts';
import { gpuTraits } from '../../graph/plan/device-traits.ts';
import { type ParameterPlan, type ParameterSet, planParameters } from '../../graph/plan/parameter-plan.ts';
import {
  type EvaluationProgram,
  evaluationProgram,
  type ParameterPhase,
  parameterProgram,
  type StepProgram,
  stepProgram,
} from '../../graph/plan/programs.ts';
import type { EfficientNet } from '../../models/efficientnet.ts';
import { parametersOf } from '../../models/parameters.ts';
import type { BatchShape } from './batch-inputs.ts';
import { checkFits } from './memory-limits.ts';
import { ParameterValues } from './parameter-values.ts';

/** A program, and what an executor made of it. */
export interface Ready<Program extends TensorProgram> {
  readonly program: Program;
  readonly prepared: DispatchedProgram;
}

export const noNumbers: StepNumbers = { learningRate: 0, lossFactor: 1, averageDecay: 0 };

/** A model in training on a GPU: its parameters there, and a program for each shape of batches. */
export class GraphSession {
  readonly gpu: Gpu;
  readonly model: EfficientNet;
  readonly options: PrepareOptions;
  readonly executor: GpuTensorExecutor;
  readonly parameters: ParameterPlan;
  readonly values: ParameterValues;
  /** Whether weights were loaded or drawn, whether the optimizer remembers anything, and whether gradients wait. */
  hasWeights = false;
  hasMemory = false;
  hasGradients = false;
  /** Command buffers of a step: each is to take about 0.2 s, before watchdogs of drivers get impatient. Many, until one is timed. */
  parts = 32;
  readonly changes: DispatchedProgram<ParameterPhase>;
  readonly #programs = new Map<string, Promise<Ready<TensorProgram>>>();

  private constructor(
    gpu: Gpu,
    model: EfficientNet,
    options: PrepareOptions,
    executor: GpuTensorExecutor,
    [parameters, changes]: readonly [ParameterPlan, DispatchedProgram<ParameterPhase>],
  ) {
    this.gpu = gpu;
    this.model = model;
    this.options = options;
    this.executor = executor;
    this.parameters = parameters;
    this.changes = changes;
    const names = parametersOf(model).map(({ name }) => name);
    this.values = new ParameterValues(executor, parameters, names);
  }

  static async open(
    gpu: Gpu,
    model: EfficientNet,
    options: PrepareOptions,
    form: DeviceForm,
  ): Promise<GraphSession> {
    const { settings, precision } = options;
    const graph = modelGraph(model, { rows: 1, height: 32, width: 32, images: 'f32' });
    const parameters = planParameters(graph.graph, {
      ...{ settings, isMixed: precision === 'mixed' },
      device: gpuTraits({
        mostBindings: gpu.device.limits.maxStorageBuffersPerShaderStage,
        largestBinding: gpu.device.limits.maxStorageBufferBindingSize,
      }),
    });
    const executor = new GpuTensorExecutor(gpu, form);
    try {
      const program = parameterProgram(parameters, settings, growthIntervalOf(options));
      const changes = await executor.prepare(program);
      return new GraphSession(gpu, model, options, executor, [parameters, changes]);
    } catch (error) {
      executor.close();
      throw error;
    }
  }

  get isMixed(): boolean {
    return this.executor.isMixed;
  }

  /** Changes parameters in these ways, in order. */
  change(phases: readonly ParameterPhase[], numbers: StepNumbers = noNumbers): void {
    this.executor.run(this.changes, phases, numbers);
  }

  stepOf(shape: BatchShape): Promise<Ready<StepProgram>> {
    const { labelSmoothing } = this.options.settings;
    return this.#ready('step', shape, (one) =>
      stepProgram(this.#graph(one, { labelSmoothing }), this.parameters),
    );
  }

  evaluationOf(shape: BatchShape, set: ParameterSet): Promise<Ready<EvaluationProgram>> {
    const name = set === this.parameters.weights ? 'evaluation' : 'evaluation of the average';
    return this.#ready(name, shape, (one) => evaluationProgram(this.#graph(one), this.parameters, set));
  }

  #graph(shape: BatchShape, training?: { readonly labelSmoothing: number }): ModelGraph {
    return modelGraph(this.model, { ...shape, ...(training && { training }) });
  }

  #ready<Program extends TensorProgram>(
    name: string,
    shape: BatchShape,
    plan: (shape: BatchShape) => Program,
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

  async #make<Program extends TensorProgram>(
    shape: BatchShape,
    plan: (shape: BatchShape) => Program,
  ): Promise<Ready<Program>> {
    const program = plan(shape);
    const prepared = await checkFits(this, shape, program, plan, () =>
      this.executor.prepare(program, this.options.onCompile),
    );
    return { program, prepared };
  }

  close(): void {
    this.executor.close();
  }
}

/** For mixed precision alone. By default the scale never grows. */
function growthIntervalOf({ precision, lossScaling }: PrepareOptions): number | undefined {
  return precision === 'mixed' ? (lossScaling?.growthInterval ?? Number.POSITIVE_INFINITY) : undefined;
}
