import type { Command } from 'commander';
import type { Executor } from '../../../backends/backend.ts';
import { writeWhole } from '../../core/write-whole.ts';
import { openExecutor } from '../../engine/rows/open-executor.ts';
import { replayAsData } from '../../replay/as-data.ts';
import { encodeImages, encodeReplay } from '../../replay/encoded-images.ts';
import { replayPage } from '../../replay/page.ts';
import { drawReplay } from '../../replay/picture.ts';
import { type Replay, type ReplayRequest, replayBatch } from '../../replay/replay.ts';
import { drawSheet, type SheetRow, sheetPage, sheetRow } from '../../replay/sheet.ts';
import { type CommandContext, makeCommand, runCommand } from '../command.ts';
import { dataSources, pipelineOptions, streamSteps } from '../flags/data-flags.ts';
import { addReplayFlags, type ReplayFlags } from '../flags/replay-flags.ts';
import { withGpu } from '../flags/with-gpu.ts';
import { checkPngName, writePng } from '../training/write-preview.ts';
import { openReplaySource, type ReplaySource } from './replay-source.ts';

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
  { terminal, signal }: CommandContext,
): Promise<void> {
  const { row, out, png } = given;
  if (png !== undefined) checkPngName('--png', png);
  const source = await openReplaySource(data, given, command, terminal.log);
  for (const warning of source.context.warnings) terminal.log(warning);
  const executor = await openExecutor('cpu');
  try {
    await withGpu(source.flags, terminal.log, async () => {
      const onReplay = (replay: Replay) => {
        if (given.json) terminal.data(JSON.stringify(replayAsData(replay, source.context)));
      };
      const write = row === undefined ? writeSheet : writeRow;
      const request = requestOf(source, signal);
      terminal.log(`${await write({ executor, source, request, flags: given, onReplay })} -> ${out}`);
    });
  } finally {
    await executor.close();
  }
}

/** What is to be shown, and how. */
interface Showing {
  readonly executor: Executor;
  readonly source: ReplaySource;
  readonly request: ReplayRequest;
  readonly flags: ReplayFlags;
  onReplay(replay: Replay): void;
}

/** Writes a page, and a picture where one is asked for; returns what they show, in a few words. */
type Writer = (showing: Showing) => Promise<string>;

const writeRow: Writer = async ({ executor, source, request, flags, onReplay }) => {
  const { dataset, context } = source;
  const { row = 0, out, png } = flags;
  let shown = '';
  for await (const replay of replayBatch(request, [row])) {
    writePage(out, replayPage(replay, context, await encodeReplay(executor, replay)));
    if (png !== undefined) await writePng(png, await drawReplay(executor, replay, dataset));
    onReplay(replay);
    shown = `${describePlace(source)}, row ${row}: ${replay.sample.key}`;
  }
  return shown;
};

const writeSheet: Writer = async ({ executor, source, request, flags, onReplay }) => {
  const { dataset, context } = source;
  const { out, png } = flags;
  const rows: SheetRow[] = [];
  for await (const replay of replayBatch(request)) {
    rows.push(await sheetRow(executor, replay, dataset));
    onReplay(replay);
  }
  writePage(out, sheetPage(rows, context, await encodeImages(rows.map(({ image }) => image))));
  if (png !== undefined) await writePng(png, drawSheet(rows));
  return `${describePlace(source)}: ${rows.length} rows`;
};

const writePage = (path: string, page: string): void =>
  writeWhole(path, page, { what: 'the page', makesFolder: true });

function requestOf({ dataset, flags, place }: ReplaySource, signal: AbortSignal): ReplayRequest {
  // bad samples are shown, and not listed once more
  const { quarantine: _, ...options } = pipelineOptions(flags);
  const dropLast = dataset.length >= flags.batchSize;
  return { dataset, steps: streamSteps(flags), options: { ...options, dropLast, signal }, ...place };
}

const describePlace = ({ place: { epoch, batch } }: ReplaySource): string => `epoch ${epoch}, batch ${batch}`;
