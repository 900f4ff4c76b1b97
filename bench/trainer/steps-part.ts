import type { Gpu } from '../../backends/gpu/device/device.ts';
import { gibibytes } from '../../src/core/gibibytes.ts';
import { planFigures } from '../../src/graph/explain/plan-figures.ts';
import { countParameters } from '../../src/models/parameters.ts';
import { GraphTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { markdownTable, type Summary, summarize } from '../measure.ts';
import { type Bench, measureBandwidth, type PartOptions } from './bench.ts';
import { measureOwnSteps, type OwnFigures, optionsFor, settings } from './own-steps.ts';
import { perSecond, print, span } from './printing.ts';
import { batchOnDevice } from './random-batch.ts';
import { slowestTable, workTable } from './tables.ts';
import { measureTorch, type TorchOptions } from './torch-trainer.ts';
import { describeWork, modelOf, type TrainerWork } from './work.ts';

const SLOWEST = 12;

/** Steps of one model: the whole, by kind of work, and beside PyTorch's. */
export async function printSteps(
  { gpu, options, steps }: Bench,
  work: TrainerWork,
  isMixed: boolean,
): Promise<void> {
  print(`## ${describeWork(work)}, ${isMixed ? 'mixed precision' : 'float32'}`);
  const { bytesPerSecond } = await measureBandwidth(gpu);
  const own = await measureOwn(gpu, work, isMixed, steps);
  if (own.calls === undefined) print('no timestamp queries on this device: dispatches are not timed');
  else {
    const table = { isMixed, bytesPerSecond };
    print(
      `Time on the device, medians, each dispatch a pass of its own. floor: its bytes at ${(bytesPerSecond / 1e9).toFixed(1)} GB/s.`,
      '',
      workTable(own.calls, table),
      slowestTable(own.calls, SLOWEST, table),
    );
  }
  await printPeers(options, work, isMixed, own.stepMs, steps);
}

/** Closes the trainer at the end: a peer needs the memory. */
async function measureOwn(gpu: Gpu, work: TrainerWork, isMixed: boolean, steps: number): Promise<OwnFigures> {
  const model = modelOf(work);
  const trainer = new GraphTrainer({ device: 'gpu' });
  try {
    const options = { ...optionsFor(isMixed), device: gpu.device };
    const own = await measureOwnSteps(
      trainer,
      model,
      options,
      (device) => batchOnDevice(device, work),
      steps,
    );
    const { rows, resolution: edge } = work;
    const plan = planFigures({ model, rows, height: edge, width: edge, images: 'f16', isMixed, settings });
    const { stepMs, encodeMs, prepareMs, pipelines, submits, dispatches, loss } = own;
    print(
      Object.entries(trainer.environment)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
      `plan: ${plan.nodes} nodes, ${plan.dispatches} dispatches, ${(plan.bytes / 1e9).toFixed(2)} GB a step, ${gibibytes(plan.memory.total)}`,
      `ready in ${(prepareMs / 1000).toFixed(1)} s with ${pipelines} pipelines; ${dispatches} dispatches in ${submits} submits of a step`,
      `step ${span(stepMs)} ms, ${perSecond(rows, stepMs)} images/s; encoded in ${span(encodeMs)} ms; last loss ${loss.toFixed(3)}`,
    );
    return own;
  } finally {
    await trainer.close();
  }
}

async function printPeers(
  { python, peerDevice: device }: PartOptions,
  work: TrainerWork,
  isMixed: boolean,
  own: Summary,
  steps: number,
): Promise<void> {
  const rows = [['millrace', perSecond(work.rows, own), span(own), '']];
  const versions = new Set<string>();
  for (const precision of isMixed ? (['amp'] as const) : (['float32', 'tf32'] as const)) {
    const name = `PyTorch, ${precision}, channels_last`;
    const peer = await measureTorch(work, { python, device, precision, ...roundsOf(steps) });
    if ('missing' in peer) {
      rows.push([name, `missing: ${peer.missing}`, '', '']);
      continue;
    }
    checkSameModel(work, peer.parameters);
    const time = summarize(peer.milliseconds);
    versions.add(`torch ${peer.torch} on ${peer.device}, ${gibibytes(peer.peakBytes)} at most`);
    rows.push([name, perSecond(work.rows, time), span(time), `${(time.median / own.median).toFixed(2)}x`]);
  }
  print(...versions, '', markdownTable(['training', 'images/s', 'ms a step', 'millrace is'], rows));
}

const roundsOf = (steps: number): Pick<TorchOptions, 'rounds' | 'stepsPerRound'> => {
  const rounds = Math.min(5, steps);
  return { rounds, stepsPerRound: Math.ceil(steps / rounds) };
};

function checkSameModel(work: TrainerWork, parameters: number): void {
  const own = countParameters(modelOf(work));
  if (parameters !== own) throw new Error(`PyTorch's model has ${parameters} parameters, ours ${own}`);
}
