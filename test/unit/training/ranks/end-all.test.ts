import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BackendError } from '../../../../src/core/errors.ts';
import { alone } from '../../../../src/ranks/ranks.ts';
import { Agreement } from '../../../../src/training/ranks/agreement.ts';
import { endAll } from '../../../../src/training/ranks/end-all.ts';

const fault = new BackendError('OUT_OF_MEMORY', 'no memory is left');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What a rank has said and done when so many milliseconds have gone since its fault. */
async function doneIn(milliseconds: number, rank: number): Promise<(string | number)[]> {
  const done: (string | number)[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => done.push(String(text)) > 0);
  const abort = (code: number) => new Promise<never>(() => done.push(code));
  vi.clearAllTimers();
  void endAll(new Agreement({ ...alone, abort, rank, size: 4 }), fault);
  await vi.advanceTimersByTimeAsync(milliseconds);
  return done;
}

describe('the end of all ranks by one', () => {
  it('is at once by the first, which says why', async () => {
    expect(await doneIn(0, 0)).toEqual(['error: rank 0 of 4: no memory is left [OUT_OF_MEMORY]\n', 1]);
  });

  it('is left to the first for a moment by others, who may have the same fault', async () => {
    expect(await doneIn(1500, 2)).toEqual([]);
    expect(await doneIn(2500, 2)).toEqual(['error: rank 2 of 4: no memory is left [OUT_OF_MEMORY]\n', 1]);
  });
});
