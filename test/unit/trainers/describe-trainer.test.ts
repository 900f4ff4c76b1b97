import { expect, it } from 'vitest';
import { describeTrainer } from '../../../src/trainers/describe-trainer.ts';

it('says what a trainer computes on, and in which precision', () => {
  const line = describeTrainer('mixed', { adapter: 'Arc', tier: 'half' });
  expect(line).toBe('trainer: precision mixed, adapter Arc, tier half');
  expect(describeTrainer('float32', { adapter: 'Arc' })).toBe('trainer: precision float32, adapter Arc');
  expect(describeTrainer('mixed')).toBe('trainer: precision mixed');
});

it('says nothing where there is nothing to say', () => {
  for (const environment of [undefined, {}]) expect(describeTrainer('float32', environment)).toBeUndefined();
});
