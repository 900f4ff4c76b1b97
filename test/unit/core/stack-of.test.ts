import { describe, expect, it } from 'vitest';
import { DataError, fromErrorRecord, reworded, toErrorRecord } from '../../../src/core/errors.ts';
import { pluginError } from '../../../src/core/plugin.ts';
import { stackOf } from '../../../src/core/stack-of.ts';

const fault = new TypeError('x is not a function');

describe('the stack of an error', () => {
  it('is that of the first, over threads and ranks and in other words', () => {
    const plugin = pluginError({ kind: 'trainer', name: 'mine' }, fault);
    for (const error of [fault, plugin]) {
      const crossed = fromErrorRecord(structuredClone(toErrorRecord(error)));
      for (const one of [error, crossed, reworded(crossed, 'rank 1 of 2: oh')])
        expect(stackOf(one)).toBe(fault.stack);
    }
  });

  it('is left out where no code is at fault', () => {
    expect(stackOf(new DataError('NOT_AN_IMAGE', 'a.jpg: a text', { cause: fault }))).toBeUndefined();
    expect(stackOf('thrown')).toBeUndefined();
  });
});
