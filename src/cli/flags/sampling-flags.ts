import { type Command, Option } from 'commander';
import { atLeast, integerOption, listOption } from '../command.ts';

/** Which samples of the data are meant. */
export const subsetOption = (): Option =>
  new Option('--subset <file>', 'text file with the keys of the samples to use, one per line');

export const onlyClassesOption = (): Option =>
  listOption('--only-classes <name,...>', 'classes to use, numbered in this order (repeatable)');

/** @param use what is done with the part that is not trained on */
export const foldOption = (use: string): Option =>
  new Option('--fold <i/k>', `fold i of k, such as 2/5: ${use}`);

/** Which samples a training stream has, and in which order. */
export function addSamplingFlags(command: Command): Command {
  return command
    .addOption(subsetOption())
    .addOption(onlyClassesOption())
    .addOption(foldOption('train on the other folds, evaluate on this one'))
    .option(
      '--sampler <name>',
      'order of the samples: balanced (all classes alike), weighted:<file>, pxk:<classes>x<rows>, blocks:<rows> (default: shuffled)',
    )
    .addOption(
      integerOption(
        '--samples-per-epoch <n>',
        'with --sampler: samples that an epoch has (default: as many as the data)',
        undefined,
        atLeast(1),
      ),
    );
}
