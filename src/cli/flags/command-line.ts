import { Command } from 'commander';
import { quoted } from '../../core/shell.ts';
import { addDataFlags, type DataFlags } from './data-flags.ts';

/** Flags on which no value of a batch depends. */
const withoutInfluence: readonly string[] = [
  ...['workers', 'prefetch', 'gpuAdapter', 'sampleTimeout', 'maxBad', 'digest'],
];

/** The command line that asks for a stream: all flags of it that have another value than their default. */
export function commandOf(
  name: string,
  data: string,
  flags: DataFlags,
  more: Readonly<Record<string, string | number | undefined>>,
): string {
  const values = flags as unknown as Readonly<Record<string, unknown>>;
  const ofStream = addDataFlags(new Command())
    .options.filter((option) => !option.negate && !withoutInfluence.includes(option.attributeName()))
    .filter((option) => values[option.attributeName()] !== option.defaultValue)
    .map((option) => [option.name(), values[option.attributeName()]] as const);
  const words = [...ofStream, ...Object.entries(more)].flatMap(([flag, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [`--${flag}`] : [`--${flag}`, String(value)];
  });
  return ['millrace', name, data, ...words].map((word) => quoted(word)).join(' ');
}
