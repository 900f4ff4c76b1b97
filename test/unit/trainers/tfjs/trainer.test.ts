import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type {
  NamedTensor,
  StochasticDepth,
  Trainer,
  TrainingSettings,
} from '../../../../src/core/trainer.ts';
import { type EfficientNet, efficientNet } from '../../../../src/models/efficientnet.ts';
import { evaluateLogits } from '../../../../src/trainers/recipe/evaluate-logits.ts';
import { drawMasks } from '../../../../src/trainers/recipe/masks.ts';
import type { Seam } from '../../../../src/trainers/tfjs/network.ts';
import { openTensorflow } from '../../../../src/trainers/tfjs/tensorflow.ts';
import { createTrainer } from '../../../../src/trainers/tfjs/tfjs-trainer.ts';
import { makeBatch } from '../../../support/trainers.ts';

const settings: TrainingSettings = {
  optimizer: 'rmsprop',
  momentum: 0.9,
  weightDecay: 1e-4,
  rmspropAlpha: 0.9,
  rmspropEpsilon: 0.01,
  labelSmoothing: 0.1,
};
const small = { width: 0.125, depth: 0.5, resolution: 16, classes: 4 } as const;
const batch = makeBatch({
  images: Float32Array.from({ length: 4 * 16 * 16 * 3 }, (_, i) => Math.sin(i)),
  shape: [4, 16, 16, 3],
  labels: Int32Array.of(0, 1, 2, 3),
});
const step = { learningRate: 0.01, apply: true, lossScale: 1, step: 0 };

describe('the tfjs trainer', () => {
  let trainer: Trainer<EfficientNet> | undefined;
  afterEach(() => trainer?.close());
  const prepare = async (
    model: EfficientNet,
    seam?: Seam,
    changes: Partial<TrainingSettings> = {},
  ): Promise<Trainer<EfficientNet>> => {
    trainer = createTrainer(seam ? { seam } : {});
    await trainer.prepare(model, { precision: 'float32', seed: 3, settings: { ...settings, ...changes } });
    return trainer;
  };

  it('has neither frozen layers nor a rate of the body, nor steps with fixed statistics', async () => {
    const model = efficientNet(small);
    const refused = (message: string) => ({ code: 'UNSUPPORTED_OPTION', message });
    await expect(prepare(model, undefined, { frozen: ['stem'] })).rejects.toMatchObject(
      refused('tfjs: frozen (--freeze) is not supported: the trainer graph has it'),
    );
    await expect(prepare(model, undefined, { bodyRate: 0.1 })).rejects.toMatchObject(
      refused('tfjs: bodyRate (--body-lr) is not supported: the trainer graph has it'),
    );
    const trainer = await prepare(model, undefined, { frozen: [], bodyRate: 1 });
    const fixed = { ...step, fixedStatistics: true, parts: 1, firstRow: 0 };
    for (const make of [
      () => trainer.trainStep(batch, fixed),
      () => trainer.contribution?.(batch, fixed),
      () => trainer.applySum?.(new Float32Array(1), fixed),
    ])
      await expect(make()).rejects.toMatchObject(
        refused('tfjs: fixedStatistics is not supported: the trainer graph has it'),
      );
  });

  it('holds as many tensors after each step as after the first, and none when closed', async () => {
    const { tf } = await openTensorflow('wasm');
    const before = tf.memory().numTensors;
    const model = efficientNet({ ...small, finalSurvival: 0.5 });
    const trainer = await prepare(model);
    const counts: number[] = [];
    for (let index = 0; index < 4; index++) {
      await trainer.trainStep(batch, { ...step, step: index, apply: false });
      await trainer.trainStep(batch, { ...step, step: index, losses: true });
      const part = { ...step, step: index, parts: 1, firstRow: 0, losses: true };
      const contribution = await trainer.contribution?.(batch, part);
      await trainer.applySum?.(contribution?.vector as Float32Array, part);
      await trainer.evaluateStep(batch);
      await trainer.load(await trainer.state());
      counts.push(tf.memory().numTensors);
    }
    expect(new Set(counts).size).toBe(1);
    await expect(trainer.trainStep({ ...batch, labels: Int32Array.of(9) }, step)).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(counts[0]);
    await trainer.close();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('drops by seed and step alone', async () => {
    const model = efficientNet({ ...small, dropout: 0.5, finalSurvival: 0.5 });
    const lossAt = async (index: number) =>
      (await (await prepare(model)).trainStep(batch, { ...step, step: index })).loss;
    const [first, again, other] = [await lossAt(4), await lossAt(4), await lossAt(5)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('drops whole batches where it is told to', async () => {
    const model = efficientNet({ ...small, finalSurvival: 0.1 });
    const lossOf = async (stochasticDepth: StochasticDepth) => {
      const trainer = await prepare(model, undefined, { stochasticDepth });
      return (await trainer.trainStep(batch, { ...step, step: 1 })).loss;
    };
    expect(await lossOf('batch')).not.toBe(await lossOf('sample'));
  });

  it.each([false, true])('decays the weights of batch norm: %s', async (batchNormWeightDecay) => {
    const changes = { optimizer: 'sgd', momentum: 0, batchNormWeightDecay } as const;
    const scaleAfterStep = async (weightDecay: number): Promise<number[]> => {
      const trainer = await prepare(efficientNet(small), undefined, { ...changes, weightDecay });
      await trainer.trainStep(batch, step);
      return [...((await trainer.state()).weights['stem.bn.weight']?.data ?? [])];
    };
    const plain = await scaleAfterStep(0);
    // every scale starts at 1: decay takes learning rate x weight decay off it
    const expected = plain.map((value) => expect.closeTo(value - (batchNormWeightDecay ? 0.01 * 0.5 : 0), 6));
    expect(await scaleAfterStep(0.5)).toEqual(expected);
  });

  it.each([
    { optimizer: 'rmsprop', momentum: 0.9 },
    { optimizer: 'sgd', momentum: 0 },
  ] as const)('refuses nesterov for $optimizer with momentum $momentum', async (changes) => {
    await expect(prepare(efficientNet(small), undefined, { ...changes, nesterov: true })).rejects.toThrow(
      /nesterov: is for sgd with momentum above 0, got/,
    );
  });

  it('passes every operand and every activation through its seam', async () => {
    const model = efficientNet(small);
    const operands = new Set<string>();
    const activations = new Set<string>();
    const seam: Seam = {
      operands(input, weight, layer) {
        operands.add(layer);
        return [input, weight];
      },
      activation(output, layer) {
        activations.add(layer);
        return output;
      },
    };
    await (await prepare(model, seam)).trainStep(batch, step);
    const units = [
      model.stem,
      ...model.blocks.flatMap(({ expand, depthwise, project }) => [expand, depthwise, project]),
      model.features,
    ];
    const gates = model.blocks.flatMap(({ squeeze, excite }) => [squeeze.name, excite.name]);
    const names = units.flatMap((unit) => (unit ? [unit.name] : []));
    expect([...operands].sort()).toEqual([...names, ...gates, model.classifier.name].sort());
    expect([...activations].sort()).toEqual(
      [...names.filter((name) => !name.endsWith('.proj')), ...gates].sort(),
    );
  });

  it('takes gradients of mixed precision without their loss scale', async () => {
    const trainer = await prepare(efficientNet(small));
    await trainer.trainStep(batch, { ...step, apply: false });
    const { gradients = {}, ...others } = await trainer.state();
    const times8 = Object.entries(gradients).map(([name, { shape, data }]): [string, NamedTensor] => [
      name,
      { shape, data: data.map((value) => 8 * value) },
    ]);
    const lossScale = { scale: { shape: [1], data: Float32Array.of(8) } };
    await trainer.load({ ...others, gradients: Object.fromEntries(times8), lossScale });
    expect((await trainer.state()).gradients).toEqual(gradients);
  });

  it('refuses mixed precision', async () => {
    const options = { precision: 'mixed', seed: 1, settings } as const;
    await expect(createTrainer().prepare(efficientNet(small), options)).rejects.toThrow(
      /precision must be float32, got mixed/,
    );
  });

  it('refuses a model that is no EfficientNet', async () => {
    const options = { precision: 'float32', seed: 1, settings } as const;
    await expect(createTrainer().prepare({} as EfficientNet, options)).rejects.toThrow(
      /made by efficientNet/,
    );
  });

  it("names a tensor that is no part of the optimizer's memory", async () => {
    const trainer = await prepare(efficientNet(small));
    const { weights } = await trainer.state();
    const optimizer = { 'exp_avg.stem.bn.bias': { shape: [8], data: new Float32Array(8) } };
    await expect(trainer.load({ weights, optimizer })).rejects.toThrow(
      /exp_avg\.stem\.bn\.bias: is no part of/,
    );
  });

  it('says nothing on stdout and stderr, and lets the process end', async () => {
    const module = new URL('../../../../src/trainers/tfjs/tfjs-trainer.js', import.meta.url).href;
    const models = new URL('../../../../src/models/efficientnet.js', import.meta.url).href;
    const source = `
      import { createTrainer } from '${module}';
      import { efficientNet } from '${models}';
      for (const backend of ['cpu', 'wasm']) {
        const trainer = createTrainer({ backend });
        const settings = ${JSON.stringify(settings)};
        await trainer.prepare(efficientNet(${JSON.stringify(small)}), { precision: 'float32', seed: 1, settings });
        await trainer.state();
      }`;
    const output = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source]);
    expect(output).toEqual({ stdout: '', stderr: '' });
  });
});

describe('evaluateLogits', () => {
  it('sums cross-entropy and counts the best guess and the best five', () => {
    const logits = Float32Array.of(2, 1, 0, -1, -2, -3, 0, 0, 0, 0, 0, 0);
    const result = evaluateLogits(logits, { labels: Int32Array.of(1, 5) }, 6);
    const first = Math.log([2, 1, 0, -1, -2, -3].reduce((sum, x) => sum + Math.exp(x), 0)) - 1;
    expect(result.lossSum).toBeCloseTo(first + Math.log(6), 12);
    // of six equal guesses the last is not among the best five
    expect(result).toMatchObject({ top1: 0, top5: 1, rows: 2, predictions: Int32Array.of(0, 0) });
  });

  it('counts a row of not-a-number as wrong', () => {
    const logits = new Float32Array(6).fill(Number.NaN);
    expect(evaluateLogits(logits, { labels: Int32Array.of(0) }, 6)).toMatchObject({
      top1: 0,
      top5: 0,
      predictions: Int32Array.of(-1),
    });
  });
});

describe('drawMasks', () => {
  const model = efficientNet({ variant: 'b4', classes: 10 });

  it('keeps blocks and features with their probabilities, scaled to keep the mean', () => {
    const rows = 200;
    const { survival, dropout } = drawMasks(model, 1, 0, rows);
    const last = survival.get('layers.6.block1') as Float32Array;
    const probability = 1 - (0.2 * 31) / 32;
    expect(new Set(last)).toEqual(new Set([0, Math.fround(1 / probability)]));
    expect(last.filter((factor) => factor > 0).length / rows).toBeCloseTo(probability, 1);
    const mean = (dropout as Float32Array).reduce((sum, factor) => sum + factor, 0) / (rows * 1792);
    expect(mean).toBeCloseTo(1, 2);
    expect(survival.size).toBe(25);
  });

  it('gives every row of a batch the same factor where the batch shares them, and keeps their mean over steps', () => {
    const steps = 400;
    const last = Array.from({ length: steps }, (_, step) => {
      const factors = drawMasks(model, 1, step, 3, 'batch').survival.get('layers.6.block1') as Float32Array;
      expect(new Set(factors).size).toBe(1);
      return factors[0] as number;
    });
    const probability = 1 - (0.2 * 31) / 32;
    expect(new Set(last)).toEqual(new Set([0, Math.fround(1 / probability)]));
    expect(last.reduce((sum, factor) => sum + factor, 0) / steps).toBeCloseTo(1, 1);
  });

  it('drops blocks of a batch independently of each other', () => {
    const { survival } = drawMasks(model, 2, 7, 1, 'batch');
    const kept = [...survival.values()].filter(([factor]) => (factor as number) > 0);
    expect(kept.length).toBeGreaterThan(10);
    expect(kept.length).toBeLessThan(survival.size);
  });

  it('drops the same features whichever way blocks are dropped', () => {
    const [sample, batch] = [drawMasks(model, 1, 3, 2, 'sample'), drawMasks(model, 1, 3, 2, 'batch')];
    expect(batch.dropout).toEqual(sample.dropout);
  });

  it('gives a row the same masks in a batch of another size', () => {
    const [few, many] = [drawMasks(model, 1, 3, 2), drawMasks(model, 1, 3, 5)];
    expect(many.dropout?.subarray(0, 2 * 1792)).toEqual(few.dropout);
    expect(many.survival.get('layers.1.block1')?.subarray(0, 2)).toEqual(few.survival.get('layers.1.block1'));
  });
});
