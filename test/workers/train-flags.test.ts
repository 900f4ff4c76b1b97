import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCheckpoint } from '../../src/trainers/checkpoint.ts';
import { folderOf } from '../support/folders.ts';
import { photoFolder } from '../support/photos.ts';
import { millrace } from '../support/processes.ts';

describe('millrace train --print-config', () => {
  it('prints a file that --config reads back as it was, and reads no data', async () => {
    const flags = ['--preset', 'efficientnet-b0', '--batch-size', '8', '--amp', '--workers', '3'];
    const { code, stdout, stderr } = await millrace(['train', ...flags, '--print-config']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ arch: 'efficientnet-b0', lr: 0.08, warmup: 16, 'optimizer-batch-size': 4096 },
      ...{ 'batch-size': 8, amp: true, workers: 3, seed: 0 },
    });
    const path = join(folderOf(), 'config.json');
    writeFileSync(path, stdout);
    const again = await millrace(['train', 'nowhere', '--config', path, '--print-config']);
    expect(again.stdout).toBe(stdout);
  });
});

describe('millrace train --explain', () => {
  it('prints what a step takes, for the classes of the data, and trains nothing', async () => {
    const workspace = join(folderOf(), 'run');
    const flags = ['--trainer', 'graph', '--amp', '--batch-size', '8', '--workspace', workspace];
    const { code, stdout, stderr } = await millrace(['train', await photoFolder(1), ...flags, '--explain']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('2 classes\nstep       8 images of 64 x 64, precision mixed\nplan ');
    expect(existsSync(workspace)).toBe(false);
  });

  it('says so where another trainer would train', async () => {
    const { stdout, stderr } = await millrace([
      'train',
      await photoFolder(1),
      '--trainer',
      'tfjs',
      '--explain',
    ]);
    expect(stderr).toContain('the plan is that of --trainer graph, the trainer is tfjs');
    expect(stdout).toContain('precision float32');
  });
});

describe('millrace train', () => {
  it.each([
    ['no data', [], "missing required argument 'data'"],
    [
      'mixed precision',
      ['nowhere', '--amp', '--trainer', 'tfjs'],
      'precision mixed (--amp): the trainer tfjs cannot; trainers that can (--trainer): graph',
    ],
    [
      'mixed precision on the CPU',
      ['nowhere', '--amp', '--device', 'cpu'],
      'the CPU computes in float32 alone: leave --amp out (--precision float32 where a run is resumed), or compute on a GPU (--device gpu)',
    ],
    [
      'TF32',
      ['nowhere', '--tf32'],
      'precision tf32 (--tf32): the trainer graph cannot, nor can any on WebGPU: it has no such type',
    ],
    ['another top-k', ['nowhere', '--topk', '3'], '--topk 3: the second accuracy'],
    ['inverted retention', ['nowhere', '--gather-checkpoints', '0'], 'use --keep <n>'],
    ['a download', ['nowhere', '--pretrained'], 'use --pretrained-from-file <file>'],
    [
      'float16 alone',
      ['nowhere', '--fp16'],
      '--fp16: of earlier scripts, which trained in float16 alone: use --amp',
    ],
    ['a device', ['nowhere', '--trainer', 'none', '--device', 'cpu'], '[UNSUPPORTED_DEVICE]'],
    ['no threads', ['nowhere', '--threads', '0'], 'Expected an integer'],
    ['no loss scale', ['nowhere', '--amp', '--static-loss-scale', '0'], 'Expected a number above 0,'],
    ['a scale beyond float32', ['nowhere', '--static-loss-scale', '1e50'], 'from 2^-126 to 2^127.'],
    ['an export', ['nowhere', '--trt'], '--trt: models are not exported'],
    ['an evaluation of nothing', ['nowhere', '--evaluate'], '--evaluate: needs --resume <checkpoint>'],
    ['an unknown preset', ['nowhere', '--preset', 'resnet50'], 'Allowed choices are efficientnet-b0'],
    ['a value in a file', ['--config', 'package.json'], 'package.json: no flag is called name, version'],
  ])('refuses %s with 2, before it opens data', async (_, flags, message) => {
    const { code, stdout, stderr } = await millrace(['train', ...flags]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });

  it('says of each flag that changes nothing that it is ignored, and why', async () => {
    const ignored = ['--memory-format', 'nhwc', '--jit', 'script', '--static-loss-scale', '128'];
    const neutral = ['--gpu-affinity', 'none', '--topk', '5'];
    const { code, stderr } = await millrace(['train', 'nowhere', ...ignored, ...neutral]);
    expect(code).toBe(1);
    const lines = stderr.split('\n').filter((line) => line.includes(': ignored: '));
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      '--static-loss-scale 128',
      '--memory-format nhwc',
      '--jit script',
    ]);
  });

  it('writes a line of progress every so many steps', async () => {
    const data = await photoFolder(8);
    const flags = ['--trainer', 'none', '-b', '2', '--image-size', '8', '--epochs', '1', '-p', '3'];
    const { stderr } = await millrace(['train', data, ...flags, '--workspace', folderOf()]);
    const steps = stderr.match(/^epoch 1\/1 \d+\/8/gm);
    expect(steps).toEqual(['epoch 1/1 3/8', 'epoch 1/1 6/8']);
  });
});

describe('a checkpoint of one step', () => {
  const train = async (data: string, ...flags: string[]) => {
    const workspace = folderOf();
    const small = ['--image-size', '16', '-b', '4', '--prof', '1', '--epochs', '1', '--width', '0.125'];
    const finished = await millrace(['train', data, ...small, '--workspace', workspace, ...flags]);
    return { ...finished, checkpoint: join(workspace, 'checkpoint.safetensors') };
  };
  it('is started from, evaluated, and says how its model was built', async () => {
    const data = await photoFolder(4);
    const model = ['--num_classes', '5', '--bn_momentum', '0.5', '--bn-epsilon', '0.01'];
    const first = await train(data, ...model, '--conv-init', 'fan_out', '--dropout', '0', '--seed', '1');
    expect(first.stderr).toContain('checkpoint: ');
    const { state, metadata } = await loadCheckpoint(first.checkpoint);
    expect(JSON.parse(metadata['model'] as string)).toMatchObject({
      ...{ classes: 5, batchNormMomentum: 0.5, batchNormEpsilon: 0.01, dropout: 0 },
      convolutionInit: 'fan_out',
    });

    const unmoved = ['--lr', '0', '--pretrained-from-file', first.checkpoint];
    const second = await train(data, '--num-classes', '5', '--seed', '2', ...unmoved);
    const again = await loadCheckpoint(second.checkpoint);
    for (const name of ['stem.conv.weight', 'classifier.fc.bias'])
      expect(again.state.weights[name]).toEqual(state.weights[name]);

    const evaluated = await train(data, '--evaluate', '--resume', first.checkpoint, '--json');
    expect(evaluated.code).toBe(0);
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ images: 8 });
  });

  it('is evaluated by NVIDIA’s flag for it too, in train and in evaluate', async () => {
    const data = await photoFolder(4);
    const { checkpoint } = await train(data);
    const named = ['--pretrained-from-file', checkpoint, '--json'];
    const evaluations = await Promise.all([
      millrace(['evaluate', checkpoint, data, '--json']),
      millrace(['evaluate', data, ...named]),
      millrace(['train', data, '--evaluate', ...named]),
    ]);
    for (const { code, stdout } of evaluations)
      expect({ code, stdout }).toEqual({ code: 0, stdout: evaluations[0].stdout });
    const views = await millrace(['evaluate', checkpoint, data, '--tta', '10', '--json']);
    const [ofTen, ofOne] = [views, evaluations[0]].map(({ stdout }) => JSON.parse(stdout));
    expect(ofTen.images).toBe(ofOne.images);
    expect(ofTen.loss).not.toBe(ofOne.loss);
    const twice = await millrace(['evaluate', checkpoint, data, ...named]);
    expect(twice).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the checkpoint is named already'),
    });
    const none = await millrace(['evaluate', checkpoint]);
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("missing required argument 'data'"),
    });
  });

  it('says itself which variant to continue with, which a printed configuration leaves open', async () => {
    const data = await photoFolder(4);
    const { checkpoint } = await train(data, '--depth', '0.25', '--arch', 'efficientnet-b0');
    const { metadata } = await loadCheckpoint(
      (await train(data, '--pretrained-from-file', checkpoint)).checkpoint,
    );
    expect(JSON.parse(metadata['model'] as string)).toMatchObject({ variant: 'b0', depth: 0.25 });
    const { stdout } = await millrace([
      'train',
      data,
      '--pretrained-from-file',
      checkpoint,
      '--print-config',
    ]);
    expect(JSON.parse(stdout)).not.toHaveProperty('arch');
  });

  it('cannot have fewer outputs than the data has classes', async () => {
    const data = await photoFolder(4);
    const { code, stderr } = await train(data, '--num-classes', '1');
    expect(code).toBe(2);
    expect(stderr).toContain('classes (--num-classes) must be 2 or more, as many as the data has, got 1');
  });
});
