import { quoted } from '../core/shell.ts';
import { type CompleteOptions, completeOptions } from '../training/complete-options.ts';
import { settingValues } from '../training/settings.ts';
import type { ReplayOptions } from './replay-options.ts';

/** The command line that asks for the same by the run's record; none for data that were given in code. */
export function stepLine({ data, from = '', row, force }: ReplayOptions, step: number): string[] {
  if (typeof data === 'object') return [];
  const words = [...(data === undefined ? [] : [data]), '--from', from, '--step', String(step)];
  if (row !== undefined) words.push('--row', String(row));
  if (force) words.push('--force');
  return [lineOf(words)];
}

/** The command line that asks for the same by all settings of the stream; none for what was given in code. */
export function replayLine(
  options: CompleteOptions,
  { epoch, batch }: { readonly epoch: number; readonly batch: number },
  row: number | undefined,
): string[] {
  if (typeof options.data !== 'string' || options.steps !== undefined) return [];
  const defaults = settingValues(completeOptions({ data: options.data }), 'flag', 'shapesStream');
  const values = settingValues(options, 'flag', 'shapesStream');
  const changed = Object.entries(values).filter(([flag, value]) => value !== defaults[flag]);
  const { labelSmoothing } = options.optimizer;
  // it decides no batch, but what the page says of the label
  const isDefault = labelSmoothing === completeOptions({ data: options.data }).optimizer.labelSmoothing;
  const others = { epoch, batch, row, 'label-smoothing': isDefault ? undefined : labelSmoothing };
  const words = [...changed, ...Object.entries(others)].flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag}`, String(value)],
  );
  return [lineOf([options.data, ...words])];
}

const lineOf = (words: readonly string[]): string =>
  ['millrace', 'replay', ...words].map((word) => quoted(word)).join(' ');
