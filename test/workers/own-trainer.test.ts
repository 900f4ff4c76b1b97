import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Mixing } from '../../src/index.ts';
import { blendedBy } from '../support/blended-by.ts';
import { examplePath, importExample } from '../support/examples.ts';
import { folderOf } from '../support/folders.ts';
import { millrace } from '../support/processes.ts';
import { type PartTrainer, stepOfTrainers } from '../support/steps-of-trainers.ts';
import { makeBatch, trainingSettings } from '../support/trainers.ts';

const module = examplePath('softmax-regression.js');

/** Two classes that differ in colour, for training and for evaluation. */
async function colourFolder(): Promise<string> {
  const files: Record<string, Uint8Array> = {};
  for (const [name, colour] of Object.entries({ red: '#c04030', blue: '#3050b0' }))
    for (const split of ['train', 'val'])
      for (let i = 0; i < 8; i++) {
        const background = sharp({ create: { width: 20, height: 16 + i, channels: 3, background: colour } });
        files[`${split}/${name}/${i}.png`] = await background.png().toBuffer();
      }
  return folderOf(files);
}

describe("the documentation's own trainer", () => {
  it('learns, is saved, evaluated and resumed by the commands', async () => {
    const data = await colourFolder();
    const workspace = folderOf();
    const flags = ['--trainer', module, '--image-size', '8', '-b', '4', '--optimizer-batch-size', '8'];
    const train = (...more: string[]) =>
      millrace(['train', data, ...flags, '--epochs', '3', '--mixup', '0.2', '--json', ...more]);
    const { code, stdout, stderr } = await train('--workspace', workspace, '--run-epochs', '2');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('trained 8 steps') });
    const losses = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)['train.loss'])
      .filter((loss) => loss !== undefined);
    // no weight, no opinion: the loss of a guess among two
    expect(losses[0]).toBeCloseTo(Math.log(2), 5);
    expect(losses.at(-1)).toBeLessThan(losses[0]);

    const checkpoint = join(workspace, 'checkpoint.safetensors');
    const evaluated = await millrace(['evaluate', checkpoint, data, '--trainer', module, '--json']);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ top1: 1, top5: 1, images: 16 });
    const resumed = await train('--resume', workspace);
    expect({ code: resumed.code, stderr: resumed.stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('trained 4 steps'),
    });
  });

  it('takes the share that each row has of its target, as CutMix and mixes by pair or row give them', async () => {
    const { createTrainer } = await importExample<{ createTrainer(): PartTrainer }>('softmax-regression.js');
    const trainer = createTrainer();
    await trainer.prepare(
      { classes: 3, resolution: 2 },
      { precision: 'float32', seed: 1, settings: trainingSettings },
    );
    const batchOf = (labels: Int32Array, mixing?: Mixing) =>
      makeBatch({
        ...{ images: Float32Array.from({ length: 48 }, (_, i) => Math.sin(i)), shape: [4, 2, 2, 3], labels },
        ...(mixing && { mixing }),
      });
    const [own, partners, shares] = [
      Int32Array.of(0, 1, 2, 0),
      Int32Array.of(1, 0, 2, 2),
      [0.3, 0.8, 1, 0.5],
    ];
    const options = { learningRate: 30, apply: true, lossScale: 1, step: 0, losses: true };
    await trainer.trainStep(batchOf(own), options);
    const lossesOf = async (...of: Parameters<typeof batchOf>) =>
      (await trainer.trainStep(batchOf(...of), { ...options, apply: false })).losses as Float32Array;
    const [ofOwn, ofPartners] = [await lossesOf(own), await lossesOf(partners)];
    expect([...(await lossesOf(own, blendedBy(shares, partners)))]).toEqual(
      shares.map((share, row) =>
        expect.closeTo(share * (ofOwn[row] as number) + (1 - share) * (ofPartners[row] as number), 5),
      ),
    );
    expect(Math.abs((ofOwn[0] as number) - (ofPartners[0] as number))).toBeGreaterThan(0.1);
  });

  it('makes the same of four parts on one rank as on two, and nearly the same as of whole batches', async () => {
    const { createTrainer } = await importExample<{ createTrainer(): PartTrainer }>('softmax-regression.js');
    const prepared = async () => {
      const trainer = createTrainer();
      const preparation = { precision: 'float32', seed: 1, settings: trainingSettings } as const;
      await trainer.prepare({ classes: 2, resolution: 4 }, preparation);
      return trainer;
    };
    const [whole, alone, first, second] = [
      await prepared(),
      await prepared(),
      await prepared(),
      await prepared(),
    ];
    const batch = makeBatch({
      images: Float32Array.from({ length: 8 * 48 }, (_, i) => Math.sin(i)),
      shape: [8, 4, 4, 3],
      labels: Int32Array.of(0, 1, 1, 0, 1, 0, 0, 0),
      mixing: blendedBy([0.7, 0.7, 1, 1, 0.2, 0.9, 0, 0.5], Int32Array.of(1, 0, 1, 0, 0, 1, 0, 0)),
    });
    for (const step of [0, 1, 2, 3]) {
      const options = { learningRate: 0.1, apply: step % 2 === 1, lossScale: 0.5, step };
      const { loss } = await whole.trainStep(batch, options);
      const [made] = await stepOfTrainers([alone], batch, 4, options);
      expect(made?.loss).toBeCloseTo(loss, 6);
      expect(await stepOfTrainers([first, second], batch, 4, options)).toEqual([made, made]);
    }
    const { weights } = await alone.state();
    for (const trainer of [first, second]) expect((await trainer.state()).weights).toEqual(weights);
    const expected = [...((await whole.state()).weights['linear']?.data ?? [])];
    expect([...(weights['linear']?.data ?? [])]).toEqual(expected.map((value) => expect.closeTo(value, 6)));
    expect(Math.max(...expected)).toBeGreaterThan(0.01);
  });

  it('with a fault in its code ends training by its name, and says where', async () => {
    const data = await colourFolder();
    const source = `import { createTrainer as sound } from '${pathToFileURL(module).href}';
      export const createTrainer = (options) => Object.assign(sound(options), {
        name: 'faulty',
        trainStep: async ({ index }) => ({ loss: index === 1 ? undefined.x : 0 }),
      });`;
    const faulty = join(folderOf({ 'faulty.mjs': source }), 'faulty.mjs');
    const flags = ['--trainer', faulty, '--image-size', '8', '-b', '4', '--on-error', 'substitute'];
    const { code, stderr } = await millrace(['train', data, ...flags, '--workspace', folderOf()]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "error: faulty: trainStep: TypeError: Cannot read properties of undefined (reading 'x') (batch 1 of epoch 0): " +
        'a fault in the code of this trainer, not in the data [TRAINER_FAILED]\n',
    );
    expect(stderr).toMatch(/\n +at .*faulty\.mjs/);
  });

  it('is refused where it lacks a method, or what a flag asks for', async () => {
    const data = await colourFolder();
    const run = (...more: string[]) =>
      millrace(['train', data, '--image-size', '8', '-b', '4', '--workspace', folderOf(), ...more]);
    const amp = await run('--trainer', module, '--amp');
    expect(amp.code).toBe(2);
    expect(amp.stderr).toContain('precision mixed (--amp): the trainer softmax-regression cannot');
    const code = 'export const trainer = { name: "broken", async prepare() {} };';
    const broken = join(folderOf({ 'broken.mjs': code }), 'broken.mjs');
    const refused = await run('--trainer', broken);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('with no trainStep, evaluateStep, state, load, close');
  });
});
