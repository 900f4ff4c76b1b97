import type { Command } from 'commander';
import { openExecutor } from '../engine/backends.ts';
import { replayAsData } from '../replay/as-data.ts';
import { encodeImages } from '../replay/encoded-images.ts';
import { replayPage } from '../replay/page.ts';
import { drawReplay } from '../replay/picture.ts';
import { replayBatch } from '../replay/replay.ts';
import { writeWhole } from '../report/run-files.ts';
import { type CommandContext, makeCommand, runCommand } from './command.ts';
import { dataSources, pipelineOptions, streamSteps } from './data-flags.ts';
import { addReplayFlags, type ReplayFlags } from './replay-flags.ts';
import { openReplaySource } from './replay-source.ts';
import { withGpu } from './with-gpu.ts';
import { checkPngName, writePng } from './write-preview.ts';

const examples = `
Examples:
  millrace replay photos --augmentation autoaugment --mixup 0.2 --seed 1 --epoch 3 --batch 5 --row 7
  millrace replay imagenet --preset efficientnet-b0 --batch 12 --row 0 --out sample.html --png sample.png
  millrace replay --from runs/a --step 5100 --row 3            as the run's metrics say
  millrace replay --from runs/a/checkpoint.safetensors         the batch before it was saved`;

export function replayCommand(): Command {
  const command = makeCommand('replay')
    .description(
      'What the model saw: a row of any batch, stage by stage, proven to end in the tensor of the batch.',
    )
    .argument('[data]', `${dataSources}; with train/ in it or without`)
    .addHelpText('after', examples)
    .action((data: string | undefined, flags: ReplayFlags, self: Command) =>
      runCommand(flags, (context) => runReplay(data, flags, self, context)),
    );
  return addReplayFlags(command);
}

async function runReplay(
  data: string | undefined,
  given: ReplayFlags,
  command: Command,
  { terminal }: CommandContext,
): Promise<void> {
  const { row = 0, out, png, json } = given;
  if (png !== undefined) checkPngName('--png', png);
  const { dataset, flags, place, context } = await openReplaySource(data, given, command);
  const options = { ...pipelineOptions(flags), dropLast: dataset.length >= flags.batchSize };
  const request = { dataset, steps: streamSteps(flags), options, ...place };
  const [replay] = await withGpu(flags, terminal.log, () => replayBatch(request, [row]));
  if (replay === undefined) return;
  const executor = await openExecutor('cpu');
  try {
    writeWhole(out, replayPage(replay, context, await encodeImages(executor, replay)));
    if (png !== undefined) await writePng(png, await drawReplay(executor, replay, dataset));
  } finally {
    await executor.close();
  }
  for (const warning of context.warnings) terminal.log(warning);
  if (json) terminal.data(JSON.stringify(replayAsData(replay, context)));
  const { epoch, batch, sample, digests } = replay;
  terminal.log(
    `epoch ${epoch}, batch ${batch}, row ${row}: ${sample.key}, digest ${digests.row.slice(0, 16)} -> ${out}`,
  );
}
