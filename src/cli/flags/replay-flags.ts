import { Command } from 'commander';
import { defaultMetricsFile } from '../../workspace/workspace.ts';
import { atLeast, integerOption } from '../command.ts';
import { addConfigurationFlags } from './configuration.ts';
import { addDataFlags } from './data-flags.ts';
import { addTrainCommandFlags, type TrainFlags } from './train-flags.ts';

/** Flags of replay itself, and all of train: a command that trained is repeated with another first word. */
export interface ReplayFlags extends TrainFlags {
  readonly epoch?: number;
  readonly batch?: number;
  readonly row?: number;
  readonly from?: string;
  readonly step?: number;
  readonly raportFile: string;
  readonly out: string;
  readonly png?: string;
}

export function addReplayFlags(command: Command): Command {
  const place = atLeast(0);
  command
    .optionsGroup('What to show:')
    .addOption(integerOption('--epoch <n>', 'epoch, counted from 0 (default: 0)', undefined, place))
    .addOption(
      integerOption('--batch <n>', 'batch of the epoch, counted from 0 (default: 0)', undefined, place),
    )
    .addOption(
      integerOption(
        '--row <n>',
        'row of the batch, counted from 0 (default: all rows, at a glance)',
        undefined,
        place,
      ),
    )
    .option(
      '--from <run>',
      'run whose data, flags and seed are taken: its workspace, its metrics or a checkpoint',
    )
    .addOption(
      integerOption(
        '--step <n>',
        'step of that run, instead of --epoch and --batch (default: the last)',
        undefined,
        place,
      ),
    )
    .option('--raport-file <name>', 'name of the metrics file in the workspace of --from', defaultMetricsFile)
    .option('--force', 'with --from: show the batch although the data or the pipeline changed')
    .optionsGroup('Output:')
    .option('-o, --out <file>', 'file for the page, which is self-contained HTML', 'replay.html')
    .option('--png <file>', 'file for the same stages as a PNG picture')
    .option('--json', 'print all that the page says as JSON')
    .option('--quiet', 'print no messages');
  addConfigurationFlags(command, (flags) => flags['from'] === undefined && flags['trainData'] === undefined);
  return addHiddenTrainFlags(addDataFlags(command));
}

/** All other flags of train: they are read, so that a preset or a whole command line of a training can be given. */
function addHiddenTrainFlags(command: Command): Command {
  const isThere = (name: string) => command.options.some((option) => option.attributeName() === name);
  for (const option of addTrainCommandFlags(new Command()).options)
    if (option.negate || !isThere(option.attributeName())) command.addOption(option.hideHelp());
  return command;
}
