import type { Command, Option } from 'commander';

/**
 * Flags that are read, so that a command line of training can be given to another command, and that change nothing there:
 * its help leaves them out, and one that is typed is told of.
 */
export function tellOfNoEffect(command: Command, names: readonly string[]): Command {
  const isTyped = (option: Option) => command.getOptionValueSource(option.attributeName()) === 'cli';
  return hideFlags(command, names).hook('preAction', () => {
    if (command.opts<{ quiet?: boolean }>().quiet) return;
    for (const option of optionsOf(command, names).filter(isTyped))
      process.stderr.write(`${option.long}: has no effect on ${command.name()}\n`);
  });
}

export function hideFlags(command: Command, names: readonly string[]): Command {
  for (const option of optionsOf(command, names)) option.hideHelp();
  return command;
}

const optionsOf = ({ options }: Command, names: readonly string[]): Option[] =>
  options.filter((option) => names.includes(option.attributeName()));
