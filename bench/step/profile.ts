import type { Batch } from '../../src/core/batch.ts';
import type { PrepareOptions } from '../../src/core/trainer.ts';
import type { EfficientNet } from '../../src/models/efficientnet.ts';
import { plainSeam } from '../../src/trainers/tfjs/network.ts';
import type { Operations } from '../../src/trainers/tfjs/operations.ts';
import { closeSession, openSession } from '../../src/trainers/tfjs/session.ts';
import { openTensorflow } from '../../src/trainers/tfjs/tensorflow.ts';
import type { Tf } from '../../src/trainers/tfjs/tf.ts';
import { trainStep } from '../../src/trainers/tfjs/train-step.ts';
import { summarize } from '../measure.ts';
import { LayerClock } from './clock.ts';
import { type KernelCall, layerOfKernel, layerOfOperation } from './layers.ts';

/** Median milliseconds a step of the whole and of each layer; what no kernel takes is the step's own. */
export interface Profile {
  readonly step: number;
  readonly layers: ReadonlyMap<string, number>;
  readonly outside: number;
}

/**
 * Times every kernel of tfjs's wasm backend and every operation of ours while the model trains on one batch. From then
 * on this process's kernels are timed: what is to run untimed comes first.
 */
export async function profileSteps(
  model: EfficientNet,
  options: PrepareOptions,
  batch: Batch,
  { warmup, steps }: { readonly warmup: number; readonly steps: number },
): Promise<Profile> {
  const clock = new LayerClock();
  const tensorflow = await openTensorflow('wasm');
  timeKernels(tensorflow.tf, clock);
  const operations = timed(tensorflow.operations, clock);
  const session = openSession({ ...tensorflow, operations }, model, plainSeam, options);
  const totals: number[] = [];
  const layers: Map<string, number>[] = [];
  for (let step = 0; step < warmup + steps; step++) {
    clock.take();
    const start = performance.now();
    await trainStep(session, batch, { learningRate: 0.01, apply: true, lossScale: 1, step });
    totals.push(performance.now() - start);
    layers.push(clock.take());
  }
  closeSession(session);
  return summarizeSteps(totals.slice(warmup), layers.slice(warmup));
}

function summarizeSteps(totals: readonly number[], layers: readonly Map<string, number>[]): Profile {
  const names = [...new Set(layers.flatMap((step) => [...step.keys()]))];
  const median = (values: readonly number[]) => summarize(values).median;
  const inKernels = layers.map((step) => [...step.values()].reduce((sum, value) => sum + value, 0));
  return {
    step: median(totals),
    layers: new Map(names.map((name) => [name, median(layers.map((step) => step.get(name) ?? 0))])),
    outside: median(totals.map((total, step) => total - (inKernels[step] as number))),
  };
}

/** Operations that do the same, timed. */
function timed(operations: Operations, clock: LayerClock): Operations {
  const entries = Object.entries(operations).map(([name, operation]) => [
    name,
    (...given: unknown[]) =>
      clock.time(layerOfOperation[name as keyof Operations], () =>
        (operation as (...given: unknown[]) => unknown)(...given),
      ),
  ]);
  return Object.fromEntries(entries) as Operations;
}

function timeKernels(tf: Tf, clock: LayerClock): void {
  for (const kernel of tf.getKernelsForBackend('wasm')) {
    const { kernelName, backendName, kernelFunc } = kernel;
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({
      ...kernel,
      kernelFunc: (call) => clock.time(layerOfKernel(kernelName, call as KernelCall), () => kernelFunc(call)),
    });
  }
}
