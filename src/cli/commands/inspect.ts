import { statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { DataError } from '../../core/errors.ts';
import { exitCodes } from '../../core/exit-codes.ts';
import { isFolderPath } from '../../datasets/folder/folders.ts';
import type { SourceOptions } from '../../datasets/opening/source-kind.ts';
import { type Split, splits } from '../../datasets/opening/split.ts';
import { type Damage, verifyStore } from '../../datasets/store/check-store.ts';
import { RecordDecoder } from '../../datasets/store/record.ts';
import { entryReader, type OpenStore, openStore, storeVariant } from '../../datasets/store/store.ts';
import { isStoreFile } from '../../datasets/store/store-file.ts';
import { inspectDataset } from '../../jobs.ts';
import { readingOf } from '../../streams/open-data.ts';
import { atLeast, integerOption, makeCommand, runCommand } from '../command.ts';
import { describeKinds, describeSizes } from '../figures.ts';
import { dataSources } from '../flags/data-flags.ts';
import { addShardFlags } from '../flags/shard-flags.ts';
import { describeClasses, describeInspection } from '../inspection-lines.ts';
import type { Progress, Terminal } from '../terminal.ts';

interface InspectFlags extends SourceOptions {
  readonly split?: Split;
  readonly samples?: number;
  readonly verify?: boolean;
  readonly records?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  millrace inspect photos
  millrace inspect train.csv --samples 1000
  millrace inspect photos.lmdb --verify
  millrace inspect photos.lmdb --records | head`;

export function inspectCommand(): Command {
  const command = makeCommand('inspect')
    .description(
      'Show what data hold: splits, classes, counts, formats, sizes, digest; of a store how it keeps them.',
    )
    .argument('<data>', dataSources)
    .addOption(
      new Option('--split <name>', 'split of data that hold several (default: train, or the first)').choices(
        splits,
      ),
    )
    .addOption(
      integerOption(
        '--samples <n>',
        'how many samples to read and decode (default: 64)',
        undefined,
        atLeast(0),
      ),
    )
    .option('--verify', 'of a store: read every record and check it; exit code 1 if one is damaged')
    .option('--records', 'of a store: print a line of JSON for every record instead')
    .option('--json', 'print everything as JSON')
    .option('--quiet', 'print no progress')
    .addHelpText('after', examples)
    .action((path: string, flags: InspectFlags) =>
      runCommand(flags, ({ terminal, signal }) =>
        isOfStore(path, flags)
          ? inspectStore(path, flags, terminal, signal)
          : inspect(path, flags, terminal, signal),
      ),
    );
  return addShardFlags(command);
}

/** What only stores have, or what is one, or should be by its name: what is wrong with it is said as of a store. */
const isOfStore = (path: string, { verify, records }: InspectFlags): boolean =>
  Boolean(verify ?? records) || isStoreFile(path) || (/\.lmdb$/i.test(path) && !isFolderPath(path));

async function inspect(
  path: string,
  flags: InspectFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { split, samples } = flags;
  let bar: Progress | undefined;
  const onProgress = (done: number, of: number) => {
    bar ??= terminal.progress(of, 'inspect');
    bar.update(done, '');
  };
  const options = { split, samples, signal, onProgress, onMessage: terminal.log, ...readingOf(flags) };
  try {
    const inspection = await inspectDataset(path, options);
    bar?.stop();
    if (flags.json) terminal.data(JSON.stringify(inspection));
    else for (const line of describeInspection(inspection)) terminal.data(line);
  } finally {
    bar?.stop();
  }
}

async function inspectStore(
  path: string,
  flags: InspectFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const opened = openStore(path);
  if (flags.records) return printRecords(path, opened, terminal, signal);
  const damages = flags.verify ? await verify(opened, terminal, signal) : undefined;
  if (flags.json) {
    const { description, progress } = opened;
    terminal.data(JSON.stringify({ ...description, ...progress, ...(damages && { damages }) }));
  } else {
    for (const line of describe(path, opened)) terminal.data(line);
    if (damages?.length === 0) terminal.data(`verified  all ${opened.progress.imported} records`);
    for (const { sample, reason } of damages ?? []) terminal.data(`DAMAGED   ${sample}: ${reason}`);
  }
  if (damages !== undefined && damages.length > 0) process.exitCode = exitCodes.failed;
}

async function verify(opened: OpenStore, terminal: Terminal, signal: AbortSignal): Promise<Damage[]> {
  const bar = terminal.progress(opened.progress.imported, 'verify');
  const damages: Damage[] = [];
  const advance = (checked: number) => {
    signal.throwIfAborted();
    bar.update(checked, `${damages.length} damaged`);
  };
  try {
    for await (const damage of verifyStore(opened, advance)) damages.push(damage);
  } finally {
    bar.stop();
  }
  return damages;
}

function describe(path: string, { description, progress }: OpenStore): string[] {
  const { source, length, classes, format, hasLabelLists: severalLabels = false } = description;
  const { imported, digest, classCounts } = progress;
  const unlabelled = classCounts.at(-1) ?? 0;
  const variant = storeVariant(description);
  return [
    `store     ${path}, format ${format}, of ${source}`,
    `samples   ${digest === undefined ? `${imported} of ${length}: the import is not finished` : imported}`,
    `classes   ${describeClasses({ classes, classCounts, unlabelled, severalLabels })}`,
    ...describeKinds(progress).map((line) => `images    ${line}`),
    `bytes     ${describeSizes(progress)}; file ${statSync(path).size}`,
    `changed   ${variant ?? 'no: pixels as in the source'}`,
    ...(digest === undefined ? [] : [`digest    ${digest}`]),
  ];
}

const RECORDS_A_TURN = 256;

async function printRecords(
  path: string,
  { entries, records, progress, description }: OpenStore,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const entry = entryReader(entries, path, description.hasLabelLists);
  const decoder = new RecordDecoder();
  for (let index = 0; index < progress.imported; index++) {
    if (index % RECORDS_A_TURN === 0) {
      // a reader such as `head` that left, and Ctrl-C, are heard of here
      await nextTurn();
      signal.throwIfAborted();
    }
    const known = { index, ...entry(index) };
    const bytes = records.get(index) ?? Buffer.alloc(0);
    try {
      const { kind, width, height, checksum } = decoder.decode(bytes);
      terminal.data(JSON.stringify({ ...known, kind, width, height, bytes: bytes.length, checksum }));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      terminal.data(JSON.stringify({ ...known, damaged: error.message }));
      process.exitCode = exitCodes.failed;
    }
  }
}
