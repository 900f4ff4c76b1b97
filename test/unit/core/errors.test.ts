import { describe, expect, it } from 'vitest';
import {
  BackendError,
  DataError,
  fromErrorRecord,
  MillraceError,
  OutputError,
  ParameterError,
  PluginError,
  reworded,
  TrainerError,
  toErrorRecord,
} from '../../../src/core/errors.ts';

const overThreads = (error: unknown) => fromErrorRecord(structuredClone(toErrorRecord(error)));

describe('an error', () => {
  it.each([ParameterError, DataError, PluginError, OutputError, BackendError, TrainerError])(
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

  it('keeps over threads the name, message, stack and code of what was thrown first', () => {
    const first = Object.assign(new TypeError('x is not a function'), { code: 'ERR_X' });
    const { stack } = first;
    for (const error of [first, new PluginError('OPERATOR_FAILED', 'tint: it broke', { cause: first })]) {
      const { cause } = overThreads(error);
      expect(cause).toBeInstanceOf(Error);
      expect(cause).toMatchObject({
        name: 'TypeError',
        message: 'x is not a function',
        code: 'ERR_X',
        stack,
      });
    }
    expect(overThreads('text').cause).toBe('text');
  });

  it('in other words is of the same class and code, with the first as its cause', () => {
    const first = new OutputError('WRITE_FAILED', 'the disk is full', { sample: 'cat/1.jpg' });
    const { name, code, sample } = first;
    const second = reworded(first, 'no', { operator: 'tint' });
    expect(second).toMatchObject({ name, code, sample, operator: 'tint', message: 'no', cause: first });
  });

  it('keeps its cause', () => {
    const cause = new Error('underneath');
    expect(new DataError('X', 'y', { cause }).cause).toBe(cause);
  });
});
