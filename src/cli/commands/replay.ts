import type { Command } from 'commander';
import { replay } from '../../jobs.ts';
import { optionsOfValues } from '../../training/settings.ts';
import { type CommandContext, makeCommand, runCommand } from '../command.ts';
import { givenFlags } from '../flags/configuration.ts';
import { dataSources } from '../flags/data-flags.ts';
import { addReplayFlags, type ReplayFlags } from '../flags/replay-flags.ts';
import { logAdapter } from '../gpu-figures.ts';

const examples = `
Examples:
  millrace replay photos --augmentation autoaugment --mixup 0.2 --seed 1 --epoch 3 --batch 5 --row 7
  millrace replay photos --augmentation autoaugment --epoch 3 --batch 5      all rows of the batch
  millrace replay imagenet --preset efficientnet-b0 --batch 12 --row 0 --out sample.html --png sample.png
  millrace replay --from runs/a --step 5100 --row 3            as the run's metrics say
  millrace replay --from runs/a/checkpoint.safetensors         the batch before it was saved`;

export function replayCommand(): Command {
  const command = makeCommand('replay')
    .description(
      'Show what the model saw: a row of any batch, stage by stage, proven to end in the tensor of the batch.',
    )
    .argument('[data]', `${dataSources}; with a train/ folder or without`)
    .addHelpText('after', examples)
    .action((data: string | undefined, flags: ReplayFlags, self: Command) =>
      runCommand(flags, (context) => runReplay(data, flags, self, context)),
    );
  return addReplayFlags(command);
}

async function runReplay(
  data: string | undefined,
  flags: ReplayFlags,
  command: Command,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const { from, step, epoch, batch, row, raportFile, force = false, out, png, json } = flags;
  const shown = await replay({
    // of a run's record only what is typed says otherwise
    ...optionsOfValues(from === undefined ? { ...flags } : givenFlags(command), 'name'),
    ...{ data: data ?? flags.trainData, from, step, epoch, batch, row, force, out, png, signal },
    metricsFile: raportFile,
    onMessage: terminal.log,
    onGpu: logAdapter(terminal),
    onRow: (replayed) => json && terminal.data(JSON.stringify(replayed)),
  });
  const what = row === undefined ? `: ${shown.rows.length} rows` : `, row ${row}: ${shown.rows[0]?.key}`;
  terminal.log(`epoch ${shown.epoch}, batch ${shown.batch}${what} -> ${out}`);
}
