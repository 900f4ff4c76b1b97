import { describe, expect, it } from 'vitest';
import {
  BackendError,
  DataError,
  fromErrorRecord,
  MillraceError,
  ParameterError,
  TrainerError,
  toErrorRecord,
} from '../../../src/core/errors.ts';

const overThreads = (error: unknown) => fromErrorRecord(structuredClone(toErrorRecord(error)));

describe('an error', () => {
  it.each([ParameterError, DataError, BackendError, TrainerError])(
    'crosses threads with class, code, message, sample, operator and stack: %o',
    (Class) => {
      const error = new Class('SOME_CODE', 'it broke', { sample: 'cat/1.jpg', operator: 'rotate' });
      const copy = overThreads(error);
      expect(copy).toBeInstanceOf(Class);
      expect(copy).toBeInstanceOf(MillraceError);
      const { name, code, message, sample, operator, stack } = error;
      expect(copy).toMatchObject({ name, code, message, sample, operator, stack });
      expect(name).toBe(Class.name);
    },
  );

  it('leaves sample and operator out where it has none', () => {
    const copy = overThreads(new DataError('X', 'y'));
    expect([copy.sample, copy.operator, 'cause' in copy]).toEqual([undefined, undefined, false]);
  });

  it('of a class derived from ours crosses as ours', () => {
    class BlurredError extends DataError {}
    expect(overThreads(new BlurredError('BLURRED', 'too blurred'))).toBeInstanceOf(DataError);
  });

  it('that is not ours becomes a BackendError, whatever was thrown', () => {
    for (const [thrown, message] of [
      [new TypeError('x is not a function'), 'x is not a function'],
      ['text', 'text'],
      [undefined, 'undefined'],
    ])
      expect(overThreads(thrown)).toMatchObject({ name: 'BackendError', code: 'UNEXPECTED', message });
  });

  it('keeps its cause', () => {
    const cause = new Error('underneath');
    expect(new DataError('X', 'y', { cause }).cause).toBe(cause);
  });
});
