import type { Precision, Trainer } from '../core/trainer.ts';

/** What computes, in a line, where the trainer says what its bits depend on, or the precision is not the usual one. */
export function describeTrainer(
  precision: Precision,
  environment: Trainer['environment'] = {},
): string | undefined {
  const facts = Object.entries(environment).map(([name, value]) => `${name} ${value}`);
  if (facts.length === 0 && precision === 'float32') return undefined;
  return `trainer: ${[`precision ${precision}`, ...facts].join(', ')}`;
}
