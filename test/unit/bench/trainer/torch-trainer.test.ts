import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measureTorch } from '../../../../bench/trainer/torch-trainer.ts';
import { folderOf } from '../../../support/folders.ts';

const work = { variant: 'b0', resolution: 64, rows: 8 } as const;
const options = { device: 'cuda', precision: 'amp', rounds: 5, stepsPerRound: 4 } as const;

/** A program in the place of Python. */
function program(text: string): string {
  const path = join(folderOf({ python: `#!/bin/sh\n${text}\n` }), 'python');
  chmodSync(path, 0o755);
  return path;
}

describe('the peer in PyTorch', () => {
  it('is told the work, and its last line is read', async () => {
    const python = program('echo "a warning"; echo "{\\"loss\\": 1, \\"device\\": \\"$*\\"}"');
    const { device } = (await measureTorch(work, { ...options, python })) as { device: string };
    expect(device.split('--').slice(1)).toEqual(
      expect.arrayContaining(['variant b0 ', 'resolution 64 ', 'rows 8 ', 'steps 4 ', 'precision amp ']),
    );
  });

  it.each([
    ['Python is not there', undefined, 'ENOENT'],
    ['it fails', 'echo first >&2; echo "no memory" >&2; exit 1', 'no memory'],
    ['it says itself what it lacks', 'echo \'{"missing": "no CUDA device"}\'', 'no CUDA device'],
    ['it says nothing', 'exit 3', 'ended with code 3'],
  ])('is missing where %s', async (_, text, reason) => {
    const python = text === undefined ? '/nowhere/python' : program(text);
    expect(await measureTorch(work, { ...options, python })).toEqual({
      missing: expect.stringContaining(reason),
    });
  });
});
