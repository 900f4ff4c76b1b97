import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type NamedTensor,
  optimizers,
  type TensorMap,
  type Trainer,
  type TrainingSettings,
} from '../../src/core/trainer.ts';
import { type EfficientNet, efficientNet } from '../../src/models/efficientnet.ts';
import { parametersOf } from '../../src/models/parameters.ts';
import { createTrainer as createGraphTrainer } from '../../src/trainers/graph/graph-trainer.ts';
import { createTrainer as createTfjsTrainer } from '../../src/trainers/tfjs/tfjs-trainer.ts';
import { blendedBy } from '../support/blended-by.ts';
import { isWithoutGpu, useOpenGpu } from '../support/gpu.ts';
import { expectSummary, summarize, type TensorSummary } from '../support/tensor-summary.ts';
import { makeBatch } from '../support/trainers.ts';

/** What test/golden/make_trainer_golden.py wrote: PyTorch's training of the same model. */
interface TrainerGolden {
  readonly settings: Omit<TrainingSettings, 'optimizer'>;
  readonly learningRates: Readonly<Record<Optimizer, number>>;
  readonly lambda: number;
  readonly steps: number;
  readonly labels: readonly number[];
  readonly partnerLabels: readonly number[];
  readonly gradients: Readonly<Record<string, TensorSummary>>;
  readonly changes: Readonly<Record<Optimizer, Readonly<Record<string, TensorSummary>>>>;
  readonly tensors: Readonly<Record<string, { readonly shape: readonly number[]; readonly offset: number }>>;
}
type Optimizer = TrainingSettings['optimizer'];

const golden: TrainerGolden = JSON.parse(readFileSync('test/golden/trainer.json', 'utf8'));
const bytes = readFileSync('test/golden/trainer.bin');

const model: EfficientNet = efficientNet({
  width: 0.125,
  depth: 0.5,
  resolution: 37,
  classes: 5,
  dropout: 0,
});
const images = tensorOf('images');
const batch = makeBatch({
  images: images.data,
  shape: images.shape as [number, number, number, number],
  labels: Int32Array.from(golden.labels),
  mixing: blendedBy(golden.lambda, Int32Array.from(golden.partnerLabels)),
});
const initial: TensorMap = Object.fromEntries(
  parametersOf(model).map(({ name }) => [name, tensorOf(`initial/${name}`)]),
);

useOpenGpu();

const trainers = {
  'tfjs on wasm': { create: () => createTfjsTrainer({ backend: 'wasm' }), isSkipped: false },
  'tfjs on webgpu': { create: () => createTfjsTrainer({ backend: 'webgpu' }), isSkipped: isWithoutGpu },
  'tfjs on cpu': { create: () => createTfjsTrainer({ backend: 'cpu' }), isSkipped: false },
  'graph on the CPU': { create: () => createGraphTrainer({ device: 'cpu', threads: 2 }), isSkipped: false },
  'graph on a GPU': { create: () => createGraphTrainer({ device: 'gpu' }), isSkipped: isWithoutGpu },
} as const;
type TrainerName = keyof typeof trainers;
const names = Object.keys(trainers) as TrainerName[];

describe('a trainer, beside PyTorch', () => {
  let trainer: Trainer<EfficientNet> | undefined;
  afterEach(() => trainer?.close());
  const prepare = async (name: TrainerName, settings: TrainingSettings): Promise<Trainer<EfficientNet>> => {
    trainer = trainers[name].create();
    await trainer.prepare(model, { precision: 'float32', seed: 1, settings });
    await trainer.load({ weights: initial, optimizer: {} });
    return trainer;
  };

  it.for(names)('has the same loss and gradients: %s', async (name, { skip }) => {
    skip(trainers[name].isSkipped);
    // without momentum and decay the optimiser remembers the gradient itself
    const settings = { ...golden.settings, optimizer: 'sgd', momentum: 0, weightDecay: 0 } as const;
    const trainer = await prepare(name, settings);
    const step = { learningRate: 1, apply: true, lossScale: 1, step: 0, losses: true };
    const { loss, losses = new Float32Array() } = await trainer.trainStep(batch, step);
    const expectedLoss = tensorOf('loss').data[0] as number;
    expect(loss).toBeCloseTo(expectedLoss, 5);
    expect(losses.reduce((sum, one) => sum + one, 0) / batch.labels.length).toBeCloseTo(expectedLoss, 5);
    const { optimizer } = await trainer.state();
    for (const [name, expected] of Object.entries(golden.gradients)) {
      const { data } = optimizer[`momentum_buffer.${name}`] as NamedTensor;
      expectSummary(summarize(data), expected, name);
    }
  });

  // on cpu a step takes seconds
  const runs = names
    .filter((name) => name !== 'tfjs on cpu')
    .flatMap((name) => optimizers.map((optimizer) => ({ name, optimizer })));
  it.for(runs)('reaches the same weights by three steps of $optimizer: $name', async (run, { skip }) => {
    const { name, optimizer } = run;
    skip(trainers[name].isSkipped);
    const trainer = await prepare(name, { ...golden.settings, optimizer });
    const learningRate = golden.learningRates[optimizer];
    for (let step = 0; step < golden.steps; step++) {
      const { loss } = await trainer.trainStep(batch, { learningRate, apply: true, lossScale: 1, step });
      expect(loss).toBeCloseTo(tensorOf(`${optimizer}/losses`).data[step] as number, 4);
    }
    const { weights } = await trainer.state();
    for (const [name, expected] of Object.entries(golden.changes[optimizer])) {
      const before = (initial[name] as NamedTensor).data;
      const change = (weights[name] as NamedTensor).data.map((value, i) => value - (before[i] as number));
      expectSummary(summarize(change), expected, name);
    }
    // with running statistics
    const { lossSum } = await trainer.evaluateStep(batch);
    expect(lossSum).toBeCloseTo(tensorOf(`${optimizer}/evaluationLoss`).data[0] as number, 4);
  });
});

function tensorOf(name: string): NamedTensor {
  const { shape, offset } = golden.tensors[name] as TrainerGolden['tensors'][string];
  const length = shape.reduce((product, n) => product * n, 1);
  return {
    shape,
    data: new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + offset, bytes.byteOffset + offset + 4 * length),
    ),
  };
}
