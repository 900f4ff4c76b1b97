import { existsSync, realpathSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { ParameterError } from '../../core/errors.ts';
import type { SourceOptions } from '../../datasets/opening/source-kind.ts';
import { type Split, splits } from '../../datasets/opening/split.ts';
import { type ImportReport, importDataset } from '../../datasets/store/import.ts';
import type { ImportProgress, Reduction } from '../../datasets/store/metadata.ts';
import { openData, readingOf } from '../../streams/open-data.ts';
import type { SelectionOptions } from '../../streams/selection.ts';
import { atLeast, integerOption, makeCommand, runCommand } from '../command.ts';
import { describeKinds, describeSizes } from '../figures.ts';
import { type ExcludeFlags, excludeOption } from '../flags/bad-data-flags.ts';
import { onlyClassesOption, subsetOption } from '../flags/sampling-flags.ts';
import { addShardFlags } from '../flags/shard-flags.ts';
import type { Progress, Terminal } from '../terminal.ts';

interface ImportFlags extends ExcludeFlags, SourceOptions, Omit<SelectionOptions, 'fold'> {
  readonly split?: Split;
  readonly maxSide?: number;
  readonly quality?: number;
  readonly lossless?: boolean;
  readonly workers?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const examples = `
Images stay as they are (--lossless, the default): JPEGs get restart markers and an index, so that training decodes only
what a crop needs; their pixels do not change. Run an interrupted import again to continue it.

Examples:
  millrace import photos/train train.lmdb
  millrace import shards/ imagenet.lmdb --workers 16
  millrace import photos/train small.lmdb --max-side 512 --quality 90
  millrace import train-images-idx3-ubyte.gz mnist.lmdb`;

export function importCommand(): Command {
  const command = makeCommand('import')
    .description('Write a dataset into a store: one file, from which crops are decoded faster.')
    .argument(
      '<source>',
      'image folder, .tar shards (WebDataset), Parquet, TFRecords, a list (.csv), IDX file ..., or another store',
    )
    .argument('<store>', 'file to be made')
    .addOption(new Option('--split <name>', 'split to take of a source that holds several').choices(splits))
    .option('--lossless', 'keep all images as they are (the default)')
    .addOption(
      integerOption('--max-side <n>', 'make images with a longer side smaller', undefined, atLeast(1)),
    )
    .addOption(
      integerOption(
        '--quality <n>',
        'JPEG quality of the images that --max-side makes (default: 90)',
        undefined,
        {
          min: 1,
          max: 100,
        },
      ),
    )
    .addOption(integerOption('-j, --workers <n>', 'threads (default: one per core)', undefined, atLeast(1)))
    .addOption(excludeOption())
    .addOption(subsetOption())
    .addOption(onlyClassesOption())
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'print no progress')
    .addHelpText('after', examples)
    .action((source: string, path: string, flags: ImportFlags) =>
      runCommand(flags, ({ terminal, signal }) => runImport(source, path, flags, terminal, signal)),
    );
  return addShardFlags(command);
}

async function runImport(
  source: string,
  path: string,
  flags: ImportFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const reduction = reductionOf(flags);
  if (existsSync(path) && existsSync(source) && realpathSync(path) === realpathSync(source))
    throw new ParameterError('INVALID_OPTION', `import: ${path} is the source; give the store another name`);
  const options = flags.split === undefined ? {} : { split: flags.split };
  const { subset, onlyClasses } = flags;
  const chosen = { subset, onlyClasses };
  const dataset = await openData(source, { ...options, ...readingOf(flags), ...chosen }, terminal.log);
  const bar = terminal.progress(dataset.length, 'import');
  const start = performance.now();
  let report: ImportReport;
  try {
    report = await importDataset(dataset, path, {
      ...(reduction !== undefined && { reduction }),
      workers: flags.workers ?? availableParallelism(),
      signal,
      onProgress: showProgress(bar, dataset.length, terminal),
    });
  } finally {
    bar.stop();
  }
  const seconds = (performance.now() - start) / 1000;
  if (flags.json) terminal.data(JSON.stringify({ store: path, ...report, seconds }));
  else for (const line of describe(path, report, seconds)) terminal.data(line);
}

function reductionOf({ maxSide, quality, lossless }: ImportFlags): Reduction | undefined {
  if (maxSide === undefined && quality !== undefined)
    throw new ParameterError('INVALID_OPTION', 'import: --quality is of the images that --max-side makes');
  if (maxSide !== undefined && lossless)
    throw new ParameterError('INVALID_OPTION', 'import: --max-side changes images, --lossless forbids it');
  return maxSide === undefined ? undefined : { maxSide, quality: quality ?? 90 };
}

function showProgress(bar: Progress, total: number, terminal: Terminal): (progress: ImportProgress) => void {
  const start = performance.now();
  let first: number | undefined;
  return ({ imported }) => {
    if (first === undefined) {
      first = imported;
      if (imported > 0) terminal.log(`${imported} of ${total} samples are in the store already`);
    }
    const rate = ((imported - first) / (performance.now() - start)) * 1000;
    const left = rate > 0 ? `, ${Math.ceil((total - imported) / rate)} s left` : '';
    bar.update(imported, `${Math.round(rate)}/s${left}`);
  };
}

function describe(path: string, report: ImportReport, seconds: number): string[] {
  const { imported, alreadyThere, digest } = report;
  const added = imported - alreadyThere;
  const rate = added > 0 ? ` in ${seconds.toFixed(1)} s, ${Math.round(added / seconds)}/s` : '';
  const before = alreadyThere > 0 ? ` (${alreadyThere} were there already)` : '';
  return [
    `${path}: ${imported} samples${before}${rate}`,
    ...describeKinds(report).map((line) => `  ${line}`),
    `  ${describeSizes(report)}`,
    `  digest ${digest}`,
  ];
}
