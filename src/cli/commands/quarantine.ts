import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { ParameterError } from '../../core/errors.ts';
import { exitCodes } from '../../core/exit-codes.ts';
import { writeWhole } from '../../core/write-whole.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import { KnownAddresses } from '../../datasets/opening/known-addresses.ts';
import { openDataset, splitsOf } from '../../datasets/opening/open-dataset.ts';
import type { OpenDatasetOptions, SourceOptions } from '../../datasets/opening/source-kind.ts';
import { shownSource } from '../../datasets/opening/source-path.ts';
import { readQuarantine } from '../../engine/quarantine/read-quarantine.ts';
import type { QuarantineRecord } from '../../engine/quarantine/record.ts';
import { latestRecords, type QuarantineSummary, summarise } from '../../engine/quarantine/summary.ts';
import { type Rechecked, recheck, type Verdict } from '../../quarantine/recheck.ts';
import { readingOf } from '../../streams/open-data.ts';
import { atLeast, type CommandContext, integerOption, makeCommand, runCommand } from '../command.ts';
import { dataSources } from '../flags/data-flags.ts';
import { addShardFlags } from '../flags/shard-flags.ts';

interface QuarantineFlags extends SourceOptions {
  readonly recheck?: string;
  readonly out?: string;
  readonly workers?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const examples = `
With --recheck the exit code is 0 if every sample is good or no longer in the data. It is 1 if one still cannot be used, or
if that is unknown because an operator had refused it: operators are not run.

Examples:
  millrace quarantine runs/<time>/quarantine.jsonl
  millrace quarantine quarantine.jsonl --recheck photos
  millrace quarantine quarantine.jsonl --recheck photos --out still-bad.jsonl`;

export function quarantineCommand(): Command {
  const command = makeCommand('quarantine')
    .description('Summarise a file of bad samples: how many there are, and why they are bad.')
    .argument('<file>', 'written by a run with --on-error substitute')
    .option('--recheck <data>', `read and decode the samples again, in these data: ${dataSources}`)
    .option(
      '--out <file>',
      'with --recheck: write the lines of the samples that are still bad to this file, which may be the same',
    )
    .addOption(integerOption('-j, --workers <n>', 'threads (default: one per core)', undefined, atLeast(1)))
    .option('--json', 'print everything as JSON')
    .option('--quiet', 'print no progress')
    .addHelpText('after', examples)
    .action((file: string, flags: QuarantineFlags) =>
      runCommand(flags, (context) => runQuarantine(file, flags, context)),
    );
  return addShardFlags(command);
}

async function runQuarantine(file: string, flags: QuarantineFlags, context: CommandContext): Promise<void> {
  const { recheck: data, out, workers, json } = flags;
  if (data === undefined && out !== undefined)
    throw new ParameterError('INVALID_OPTION', '--out: holds what --recheck <data> finds bad; give that too');
  if (data === undefined && workers !== undefined)
    throw new ParameterError('INVALID_OPTION', '--workers: threads of --recheck <data>; give that too');
  const records = readQuarantine(file);
  const summary = summarise(records);
  const print = (lines: readonly string[]) => lines.forEach(context.terminal.data);
  if (data === undefined) {
    print(json ? [JSON.stringify({ file, ...summary })] : describeSummary(file, summary));
    return;
  }
  const rechecked = await recheckIn(data, latestRecords(records), flags, context);
  if (rechecked.length > 0 && rechecked.every(({ verdict }) => verdict === 'gone'))
    context.terminal.log(`none of the samples is in ${shownSource(data)}: do they come from these data?`);
  print(json ? [JSON.stringify({ file, ...summary, rechecked })] : describeRechecked(data, rechecked));
  // after what took long was said
  if (out !== undefined) await writeStillBad(out, rechecked);
  if (rechecked.some(isStillBad)) process.exitCode = exitCodes.failed;
}

function describeSummary(file: string, { samples, lines, datasets, causes }: QuarantineSummary): string[] {
  const onLines = lines === samples ? '' : `, on ${lines} lines`;
  return [
    `${file}: ${samples} bad ${samples === 1 ? 'sample' : 'samples'}${onLines}`,
    ...datasets.map(({ dataset, split, samples: count }) => counted(count, dataset, split)),
    ...(causes.length === 0 ? [] : ['by cause:']),
    ...causes.flatMap(({ code, operator, samples: count, examples: some }) => [
      counted(count, code, operator),
      ...some.map(({ message }) => `          ${message}`),
      ...(count > some.length ? [`          and ${count - some.length} more`] : []),
    ]),
  ];
}

const counted = (count: number, what: string, detail: string | undefined): string =>
  `${String(count).padStart(8)}  ${what}${detail === undefined ? '' : ` (${detail})`}`;

async function recheckIn(
  data: string,
  records: readonly QuarantineRecord[],
  flags: QuarantineFlags,
  { terminal, signal }: CommandContext,
): Promise<Rechecked[]> {
  const { workers = availableParallelism() } = flags;
  const progress = terminal.progress(records.length, 'recheck');
  try {
    return await recheck(
      records,
      await datasetsOf(data, records, { ...readingOf(flags), onMessage: terminal.log }),
      {
        workers,
        signal,
        onProgress: (done) => progress.update(done, ''),
      },
    );
  } finally {
    progress.stop();
  }
}

/** The data, or those of its splits that records may be of. */
async function datasetsOf(
  data: string,
  records: readonly QuarantineRecord[],
  options: OpenDatasetOptions,
): Promise<Dataset[]> {
  const known = new KnownAddresses();
  const splits = await splitsOf(data, known);
  if (splits.length === 0) return [await openDataset(data, { ...options, known })];
  const needed = splits.filter((name) => records.some(({ split }) => split === undefined || split === name));
  return Promise.all(needed.map((split) => openDataset(data, { ...options, split, known })));
}

const isStillBad = ({ verdict }: Rechecked): boolean => verdict === 'bad' || verdict === 'untried';

function writeStillBad(path: string, rechecked: readonly Rechecked[]): Promise<void> {
  const lines = rechecked.filter(isStillBad).map(({ record }) => `${JSON.stringify(record)}\n`);
  return writeWhole(path, lines.join(''), { what: 'the quarantine file' });
}

const words: Record<Verdict, string> = {
  bad: 'BAD',
  untried: 'UNTRIED',
  good: 'GOOD',
  gone: 'GONE',
};

function describeRechecked(data: string, rechecked: readonly Rechecked[]): string[] {
  const count = (wanted: Verdict) => rechecked.filter(({ verdict }) => verdict === wanted).length;
  const lines = rechecked.map(({ record, verdict, failure }) => {
    const reason = failure?.message ?? `${record.key}${reasons(record)[verdict]}`;
    return `${words[verdict].padEnd(8)}${reason}`;
  });
  const counts = `${count('good')} good, ${count('bad')} bad, ${count('untried')} untried, ${count('gone')} gone`;
  return [...lines, `${shownSource(data)}: ${counts}`];
}

const reasons = ({ operator }: QuarantineRecord): Record<Verdict, string> => ({
  bad: '',
  good: ': reads and decodes',
  untried: `: reads and decodes, as it did; what refused it (${operator ?? 'its size'}) is not tried here`,
  gone: ': is no longer in the data',
});
