import type { ListedProgram } from '../../backends/cpu/tensors/tensor-executor.ts';
import type { ParameterPhase } from '../../src/graph/plan/programs.ts';
import { shapeOfBatch } from '../../src/trainers/graph/batch-inputs.ts';
import type { CpuGraphDevice } from '../../src/trainers/graph/devices/cpu-device.ts';
import { GraphTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { summarize } from '../measure.ts';
import type { StepWork } from './contestant.ts';
import { batchOf, LEARNING_RATE, modelOf, trainingOptions } from './own-steps.ts';

/** Median milliseconds of each kind of work in a step, on so many threads, and of all of it. */
export interface Profile {
  readonly works: ReadonlyMap<string, number>;
  readonly calls: number;
  readonly total: number;
}

/** Times every call of a training step on one batch. */
export async function profileSteps(work: StepWork, threads: number, steps: number): Promise<Profile> {
  const trainer = new GraphTrainer({ device: 'cpu', threads });
  try {
    await trainer.prepare(modelOf(work), trainingOptions);
    const { session } = trainer;
    const { program, prepared } = await session.stepOf(shapeOfBatch(batchOf(work)));
    const [changes, step] = [session.changes, prepared] as [ListedProgram<ParameterPhase>, ListedProgram];
    await trainer.trainStep(batchOf(work), { learningRate: 0, apply: true, lossScale: 1, step: 0 });
    const { executor } = session.device as CpuGraphDevice;
    const numbers = {
      learningRate: LEARNING_RATE,
      bodyLearningRate: LEARNING_RATE,
      lossFactor: 1,
      averageDecay: 0,
    };
    const runs: number[][] = [];
    for (let run = 0; run < steps; run++)
      runs.push([
        ...(await executor.time(changes, ['clear'], numbers)),
        ...(await executor.time(step, ['step'], numbers)),
        ...(await executor.time(changes, ['update'], numbers)),
      ]);
    const { update } = session.changes.program.phases;
    const names = ['clear', ...[...program.phases.step.calls, ...update.calls].map(({ work: name }) => name)];
    return profileOf(names, runs);
  } finally {
    await trainer.close();
  }
}

function profileOf(names: readonly string[], runs: readonly (readonly number[])[]): Profile {
  const works = new Map<string, number>();
  for (const [i, name] of names.entries()) {
    const { median } = summarize(runs.map((run) => run[i] as number));
    works.set(name, (works.get(name) ?? 0) + median);
  }
  return { works, calls: names.length, total: [...works.values()].reduce((sum, one) => sum + one, 0) };
}
