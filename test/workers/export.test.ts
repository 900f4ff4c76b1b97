import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../support/folders.ts';
import { millrace } from '../support/processes.ts';

const checkpoint = 'test/golden/checkpoint-of-millrace.safetensors';

describe('export', () => {
  it('says on stderr what it wrote', async () => {
    const out = join(folderOf(), 'model.onnx');
    const { code, stdout, stderr } = await millrace(['export', checkpoint, '--out', out]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      `${out}: efficientnet-b0, 32 x 32 pixels, float32, 0.2 MB`,
      'input: photo, uint8 [height, width, 3]',
      'output: logits, float32 [1, 3]',
      'classes: cat, dog, fox',
      '',
    ]);
  });

  it('prints nothing when it is to be quiet', async () => {
    const out = join(folderOf(), 'model.onnx');
    const flags = ['--input', 'tensor', '--quiet', '--out', out];
    expect(await millrace(['export', checkpoint, ...flags])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  it.each([
    {
      code: 2,
      reason: /argument 'jpeg' is invalid. Allowed choices are photo, pixels/,
      flags: ['--input', 'jpeg'],
    },
    { code: 1, reason: /has no moving average.* \[NO_AVERAGE\]/, flags: ['--ema'] },
  ])('ends with $code and the reason for $flags', async ({ code, reason, flags }) => {
    const out = join(folderOf(), 'model.onnx');
    const finished = await millrace(['export', checkpoint, '--out', out, ...flags]);
    expect(finished).toMatchObject({ code, stdout: '' });
    expect(finished.stderr).toMatch(reason);
    expect(finished.stderr).not.toContain('    at ');
  });
});
