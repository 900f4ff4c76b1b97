import { describe, expect, it } from 'vitest';
import { folderOf } from '../support/folders.ts';
import { packageCopyWithout } from '../support/package-copy.ts';
import { photoFolder } from '../support/photos.ts';
import { millraceIn } from '../support/processes.ts';

const small = [
  '--batch-size',
  '2',
  '--image-size',
  '16',
  '--epochs',
  '1',
  '--width',
  '0.25',
  '--depth',
  '0.25',
];
const train = async (...flags: string[]) =>
  millraceIn(packageCopyWithout('@tensorflow'), [
    ...['train', await photoFolder(2), ...small, '--workspace', folderOf(), ...flags],
  ]);

describe('without TensorFlow.js', () => {
  it('trains by the default trainer', async () => {
    const { code, stderr } = await train('--device', 'cpu');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('epoch 1/1 | loss') });
  });

  it.each([
    ['wasm', '@tensorflow/tfjs@4.22 @tensorflow/tfjs-backend-wasm@4.22'],
    ['webgpu', '@tensorflow/tfjs@4.22 @tensorflow/tfjs-backend-webgpu@4.22'],
    ['cpu', '@tensorflow/tfjs@4.22'],
  ])('says what the trainer tfjs needs to be installed on %s', async (backend, names) => {
    const { code, stderr } = await train('--trainer', 'tfjs', '--tfjs-backend', backend);
    expect({ code, isStack: stderr.includes('    at ') }).toEqual({ code: 1, isStack: false });
    expect(stderr).toContain(`error: tfjs: the backend ${backend} needs @tensorflow/tfjs`);
    expect(stderr).toContain(`not installed with millrace: npm install ${names} [MISSING_PACKAGE]`);
  });

  it('says with millrace doctor that it is optional', async () => {
    const { stdout } = await millraceIn(packageCopyWithout('@tensorflow'), ['doctor']);
    expect(stdout).toMatch(/^optional {2}TensorFlow\.js .*\n.*npm install @tensorflow\/tfjs@4\.22 /m);
  });
});
