import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TrainerError } from '../../../src/core/errors.ts';
import { type LossScaleState, lossScaleOf } from '../../../src/core/loss-scale.ts';
import type { Trainer, TrainerState } from '../../../src/core/trainer.ts';
import { images } from '../../../src/datasets/memory/images.ts';
import { loadCheckpoint } from '../../../src/trainers/checkpoint.ts';
import type { TrainOptions } from '../../../src/training/train-options.ts';
import { train } from '../../../src/training/training.ts';
import { readMetrics } from '../../../src/workspace/metrics-reader.ts';
import { folderOf } from '../../support/folders.ts';
import { patternItems } from '../../support/raw-images.ts';
import { scalingTrainer } from '../../support/trainers.ts';

const data = images(patternItems(8).map((item, i) => ({ ...item, label: i % 2 })));

interface Trained {
  readonly workspace: string;
  readonly warnings: readonly string[];
  readonly error: TrainerError | undefined;
  readonly weight: number | undefined;
  readonly scaling: LossScaleState | undefined;
}

/** Two steps an epoch, and a checkpoint after each; in mixed precision. */
async function trained(trainer: Trainer, more: Partial<TrainOptions> = {}): Promise<Trained> {
  const workspace = more.workspace ?? folderOf();
  const training = train({
    ...{ data, trainer, precision: 'mixed', evaluation: false, report: false },
    ...{ recipe: { imageSize: 8 }, stream: { batchSize: 4, workers: 0 }, schedule: { epochs: 5 } },
    checkpoints: { everySteps: 1 },
    ...{ workspace, ...more },
  } as TrainOptions);
  const warnings: string[] = [];
  training.subscribe({
    next: (event) => void (event.type === 'warning' && warnings.push(event.message)),
    error: () => {},
  });
  const error = await training.result.then(
    () => undefined,
    (reason: unknown) => {
      expect(reason).toBeInstanceOf(TrainerError);
      return reason as TrainerError;
    },
  );
  const { state } = await loadCheckpoint(join(workspace, 'checkpoint.safetensors'));
  const scaling = lossScaleOf(state.lossScale ?? {});
  return { workspace, warnings, error, weight: state.weights['w']?.data[0], scaling };
}

const lossScaling = { initial: 128, growthInterval: 3 };

describe('a training in mixed precision', () => {
  it('goes past a loss that is not finite where the update is skipped', async () => {
    const lost = [2, 3, 7];
    const trainer = scalingTrainer({
      overflows: (step) => lost.includes(step),
      lossAt: (step) => (lost.includes(step) ? Number.NaN : step),
    });
    const { error, weight, scaling, workspace } = await trained(trainer, { lossScaling });
    expect({ error, weight }).toEqual({ error: undefined, weight: 7 });
    expect(scaling).toEqual({ scale: 32, goodUpdates: 2, skipped: 3, skippedInARow: 0 });
    const metrics = [...readMetrics(join(workspace, 'metrics.jsonl'))];
    const steps = metrics.filter((record) => 'step' in record);
    expect(steps.map((record) => [record['train.grad_scale'], record['train.skipped_updates']])).toEqual([
      ...[128, 128].map((scale) => [scale, 0]),
      ...[
        [64, 1],
        [32, 2],
      ],
      ...[32, 32, 64].map((scale) => [scale, 2]),
      ...[32, 32, 32].map((scale) => [scale, 3]),
    ]);
    const epochs = metrics.filter((record) => 'epoch' in record && !('step' in record));
    // of the steps that have a loss; of the second epoch there is none
    expect(epochs.map((record) => record['train.loss'])).toEqual([0.5, null, 4.5, 6, 8.5]);
    expect(epochs.at(-1)).toMatchObject({ 'train.grad_scale': 32, 'train.skipped_updates': 3 });
  });

  it.each([
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
  ])('stops where the loss is %s and the update was made all the same', async (name, loss) => {
    const trainer = scalingTrainer({ lossAt: (step) => (step === 3 ? loss : 1) });
    const { error, weight } = await trained(trainer);
    expect({ code: error?.code, weight }).toEqual({ code: 'LOSS_NOT_FINITE', weight: 3 });
    expect(error?.message).toContain(`step 3 (epoch 1, batch 1): the loss is ${name}, in a batch of 4 rows`);
  });

  it('waits for the update where gradients are gathered, and saves those that are not finite', async () => {
    const trainer = scalingTrainer({
      overflows: (step) => step === 2,
      lossAt: (step) => (step === 2 ? Number.NaN : 1),
    });
    const { state } = trainer;
    let saves = 0;
    trainer.state = async () => ({
      ...(await state()),
      ...(saves++ % 2 === 1 && { gradients: { w: { shape: [1], data: Float32Array.of(Number.NaN) } } }),
    });
    const { error, scaling } = await trained(trainer, { rowsPerUpdate: 8, lossScaling });
    expect(error).toBe(undefined);
    expect(scaling).toMatchObject({ skipped: 1, scale: 128 });
  });

  it.each([
    [1, 10],
    [128, 17],
    [0.25, 9],
  ])('from scale %d stops at step %d, after ten updates skipped in a row below 1', async (initial, step) => {
    const options = { lossScaling: { initial }, schedule: { epochs: 20 } };
    const { error, weight, workspace } = await trained(scalingTrainer({ overflows: () => true }), options);
    expect({ code: error?.code, weight }).toEqual({ code: 'LOSS_NOT_FINITE', weight: 0 });
    const place = `step ${step} (epoch ${Math.floor(step / 2)}, batch ${step % 2})`;
    expect(error?.message).toContain(
      `${place}: 10 updates in a row were skipped at a loss scale below 1, since gradients are no finite numbers: the loss is 1, in a batch of 4 rows: `,
    );
    expect(error?.message).toContain(`--from ${join(workspace, 'metrics.jsonl')} --step ${step}`);
  });

  it('counts updates skipped in a row across a resumption, and not across a good one', async () => {
    const start = { lossScaling: { initial: 1 }, schedule: { epochs: 20 } };
    const first = await trained(scalingTrainer({ overflows: () => true }), { ...start, maxSteps: 7 });
    expect(first.scaling).toMatchObject({ skippedInARow: 7, scale: 2 ** -7 });
    const again = { ...start, resume: first.workspace, workspace: first.workspace };
    const resumed = await trained(scalingTrainer({ overflows: () => true }), again);
    expect(resumed.error?.message).toContain('step 10 (epoch 5, batch 0): 10 updates in a row');
    const rarely = await trained(scalingTrainer({ overflows: (step) => step % 10 !== 9 }), start);
    expect(rarely).toMatchObject({ error: undefined, weight: 4, scaling: { skipped: 36 } });
  });

  it('has the same loss scale after an interruption as without one', async () => {
    const trainer = () => scalingTrainer({ overflows: (step, scale) => step % 4 === 0 && scale > 100 });
    const whole = await trained(trainer(), { lossScaling });
    const first = await trained(trainer(), { lossScaling, maxSteps: 5 });
    expect(first.scaling).not.toEqual(whole.scaling);
    const { workspace } = first;
    const resumed = await trained(trainer(), { lossScaling, resume: workspace, workspace });
    expect(resumed).toMatchObject({ warnings: [], weight: whole.weight, scaling: whole.scaling });
  });
});

describe('a checkpoint of another precision', () => {
  const begin = (precision: 'float32' | 'mixed') =>
    trained(scalingTrainer({ overflows: (step) => step === 1 }), { precision, maxSteps: 4 });

  it('is continued from in float32, without its loss scale, aloud', async () => {
    const { workspace, scaling } = await begin('mixed');
    expect(scaling).toMatchObject({ scale: 0.5, skipped: 1 });
    const more = { resume: workspace, workspace, precision: 'float32' } as const;
    const resumed = await trained(scalingTrainer(), more);
    expect(resumed).toMatchObject({ error: undefined, weight: 9, scaling: undefined });
    expect(resumed.warnings).toEqual([
      `${join(workspace, 'checkpoint.safetensors')}: was trained in precision mixed, this run computes in float32: weights are float32 in either, and are taken as they are`,
    ]);
  });

  it('is continued from between two updates in float32, its gradients without their scale', async () => {
    const first = scalingTrainer();
    const { state } = first;
    const gradients = { w: { shape: [1], data: Float32Array.of(24) } };
    first.state = async () => ({ ...(await state()), gradients });
    const { workspace } = await trained(first, { lossScaling: { initial: 16 }, maxSteps: 1 });
    const second = scalingTrainer();
    const loaded: TrainerState[] = [];
    const { load } = second;
    second.load = async (given) => {
      loaded.push(given);
      await load(given);
    };
    await trained(second, { resume: workspace, workspace, precision: 'float32' });
    expect(loaded.map((one) => [one.gradients?.['w']?.data[0], one.lossScale])).toEqual([[1.5, undefined]]);
  });

  it('is continued from in mixed precision, with the first loss scale, aloud', async () => {
    const { workspace } = await begin('float32');
    const more = { resume: workspace, workspace, lossScaling: { initial: 16 } };
    const { warnings, weight, scaling } = await trained(scalingTrainer(), more);
    expect({ weight, scaling }).toMatchObject({ weight: 10, scaling: { scale: 16, skipped: 0 } });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('was trained in precision float32, this run computes in mixed');
  });

  it('is started from, aloud', async () => {
    const { workspace } = await begin('float32');
    const pretrained = join(workspace, 'checkpoint.safetensors');
    const { warnings, weight } = await trained(scalingTrainer(), { pretrained, maxSteps: 1 });
    expect(weight).toBe(5);
    expect(warnings.join()).toContain(`${pretrained}: was trained in precision float32`);
  });

  it('is not continued from with another rule for the loss scale, unless forced', async () => {
    const { workspace } = await begin('mixed');
    const more = { resume: workspace, workspace, lossScaling: { growthInterval: 100 } };
    const training = train({ data, trainer: scalingTrainer(), ...more });
    await expect(training.result).rejects.toThrow('dynamic-loss-scale: was not set, is true');
  });
});

describe("a trainer's environment", () => {
  const environment = { adapter: 'llvmpipe', tier: 'packed' };

  it('stands in the checkpoint and in the metrics, as the precision does', async () => {
    const { workspace } = await trained(scalingTrainer({ environment }), { maxSteps: 1 });
    const { metadata } = await loadCheckpoint(join(workspace, 'checkpoint.safetensors'));
    expect(JSON.parse(metadata['training'] as string)).toMatchObject({ environment });
    const [start] = readFileSync(join(workspace, 'metrics.jsonl'), 'utf8').split('\n');
    expect(JSON.parse(start as string)).toMatchObject({
      'run.precision': 'mixed',
      'run.trainer': { name: 'scaling', ...environment },
      'run.flags': { amp: true, staticLossScale: 1 },
    });
  });

  it('is said to be another where a training continues in another, and stops nothing', async () => {
    const { workspace } = await trained(scalingTrainer({ environment }), { maxSteps: 1 });
    const on = (other?: Readonly<Record<string, string>>) =>
      trained(scalingTrainer(other && { environment: other }), {
        ...{ resume: workspace, workspace, maxSteps: 1 },
      });
    expect((await on(environment)).warnings).toEqual([]);
    const { warnings, error } = await on({ adapter: 'Arc', tier: 'packed', plan: '2' });
    expect(error).toBe(undefined);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /continues in another environment: .*:\n {2}adapter: was llvmpipe, is Arc\n {2}plan: was not known, is 2$/,
    );
    expect((await on()).warnings.join()).toContain('adapter: was Arc, is not known');
    expect((await on(environment)).warnings).toEqual([]);
  });
});
