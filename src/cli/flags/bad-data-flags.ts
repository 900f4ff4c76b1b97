import type { Command, Option } from 'commander';
import { listOption } from '../command.ts';

export interface ExcludeFlags {
  /** Quarantine files whose samples are left out. */
  readonly exclude?: readonly string[];
}

export interface QuarantineFlags {
  /** File that bad images are added to. */
  readonly quarantine?: string;
}

/** For every command that reads a dataset. */
export const excludeOption = (): Option =>
  listOption('--exclude <file,...>', 'quarantine files whose images are left out (repeatable)');

/** A budget alone would let the first bad image end the run after all. Call it after `addConfigurationFlags`. */
export function checkBudgetIsUsed(command: Command): Command {
  return command.hook('preAction', () => {
    const { onError, from, resume } = command.opts<{ onError: string; from?: string; resume?: string }>();
    const isTyped = command.getOptionValueSource('maxBad') === 'cli';
    // a recorded run brings its own --on-error
    if (isTyped && onError === 'stop' && from === undefined && resume === undefined)
      command.error('error: --max-bad: counts images that are replaced; needs --on-error substitute');
  });
}

/** For the commands that run a stream to its end. */
export function addQuarantineFlag(command: Command, fallback = 'none'): Command {
  return command.option(
    '--quarantine <file>',
    `with --on-error substitute: file that bad images are added to (default: ${fallback})`,
  );
}
