import { bytesMoved } from '../../../backends/tensor-kernels/bytes-moved.ts';
import type { TensorCall } from '../../../backends/tensor-kernels/tensor-kernel.ts';
import type { TrainingSettings } from '../../core/trainer.ts';
import type { EfficientNet } from '../../models/efficientnet.ts';
import { frozenLayers } from '../../models/frozen-layers.ts';
import { type GraphOptions, modelGraph } from '../model-graph.ts';
import { type DeviceTraits, gpuTraits, quantizedTraits } from '../plan/device-traits.ts';
import { memoryOf, type ProgramMemory } from '../plan/memory-use.ts';
import { planParameters } from '../plan/parameter-plan.ts';
import { parameterProgram, stepProgram } from '../plan/programs.ts';

/** A training to plan, without a device. */
export interface PlannedTraining extends Omit<GraphOptions, 'training'> {
  readonly model: EfficientNet;
  readonly isMixed: boolean;
  readonly settings: TrainingSettings;
  /** Default: a GPU. */
  readonly device?: DeviceTraits;
}

/** The cost of a training step that ends in an update. */
export interface PlanFigures {
  /** Nodes of the graph, with its derivative. */
  readonly nodes: number;
  /** Calls of kernels, each of which is a dispatch on a GPU. */
  readonly dispatches: number;
  /** Different kernels among them. */
  readonly kernels: number;
  /** Bytes that the calls read and write. */
  readonly bytes: number;
  /** By kind of work, what moves most first. */
  readonly works: readonly WorkFigures[];
  readonly memory: ProgramMemory;
}

export interface WorkFigures {
  readonly work: string;
  readonly dispatches: number;
  readonly bytes: number;
}

export function planFigures(training: PlannedTraining): PlanFigures {
  const { model, isMixed, settings, device: given = gpuTraits(), quantization, ...shape } = training;
  const { loss, labelSmoothing, classWeights } = settings;
  const weighsClasses = classWeights !== undefined;
  const frozen = frozenLayers(model, settings.frozen);
  const quantized = quantization && { quantization };
  const device = quantization ? quantizedTraits(given) : given;
  // as the trainer takes images that are rounded
  const images = quantization && !device.readsHalves ? 'f32' : shape.images;
  const options = {
    ...shape,
    images,
    training: { loss, labelSmoothing, weighsClasses, frozen },
    ...quantized,
  };
  const graph = modelGraph(model, options);
  const parameters = planParameters(graph.graph, { settings, isMixed, device, ...quantized });
  const step = stepProgram(graph, parameters);
  // how often the loss scale grows changes no call
  const changes = parameterProgram(parameters, settings, isMixed ? 1 : undefined);
  const { update, average } = changes.phases;
  const calls = [step.phases.step, update, average].flatMap((phase) => phase.calls);
  const works = workFigures(calls, isMixed);
  return {
    nodes: graph.graph.nodes.length,
    dispatches: calls.length,
    kernels: new Set(calls.map(({ kernel }) => kernel)).size,
    bytes: works.reduce((sum, { bytes }) => sum + bytes, 0),
    works,
    memory: memoryOf({ ...step, tensors: [...new Set([...step.tensors, ...changes.tensors])] }, isMixed),
  };
}

/** Calls and what they move, by kind of work. */
function workFigures(calls: readonly TensorCall[], isMixed: boolean): WorkFigures[] {
  const works = new Map<string, WorkFigures>();
  for (const call of calls) {
    const { work } = call;
    const { dispatches, bytes } = works.get(work) ?? { dispatches: 0, bytes: 0 };
    works.set(work, { work, dispatches: dispatches + 1, bytes: bytes + bytesMoved(call, isMixed) });
  }
  return [...works.values()].sort((a, b) => b.bytes - a.bytes);
}
