import { statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Command } from 'commander';
import { DataError } from '../../core/errors.ts';
import { exitCodes } from '../../core/exit-codes.ts';
import { type Damage, verifyStore } from '../../datasets/store/check-store.ts';
import { RecordDecoder } from '../../datasets/store/record.ts';
import { entryReader, type OpenStore, openStore, storeVariant } from '../../datasets/store/store.ts';
import { makeCommand, runCommand } from '../command.ts';
import { describeKinds, describeSizes } from '../figures.ts';
import type { Terminal } from '../terminal.ts';

interface InspectFlags {
  readonly verify?: boolean;
  readonly records?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const examples = `
Examples:
  millrace inspect photos.lmdb
  millrace inspect photos.lmdb --verify
  millrace inspect photos.lmdb --records | head`;

export function inspectCommand(): Command {
  return makeCommand('inspect')
    .description('Show what a store holds: classes, counts, kinds, sizes, digest.')
    .argument('<store>', 'file made by millrace import')
    .option('--verify', 'read every record and check it; exit code 1 if one is damaged')
    .option('--records', 'print a line of JSON for every record instead')
    .option('--json', 'print everything as JSON')
    .option('--quiet', 'print no progress')
    .addHelpText('after', examples)
    .action((path: string, flags: InspectFlags) =>
      runCommand(flags, ({ terminal, signal }) => inspect(path, flags, terminal, signal)),
    );
}

async function inspect(
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

const SHOWN_CLASSES = 20;

function describe(path: string, { description, progress }: OpenStore): string[] {
  const { source, length, classes, format } = description;
  const { imported, digest, classCounts } = progress;
  const counts = classes.slice(0, SHOWN_CLASSES).map((name, label) => `${name} ${classCounts[label]}`);
  const more = classes.length > SHOWN_CLASSES ? `, ... (${classes.length}: --json has all)` : '';
  const unlabelled = classCounts.at(-1) ?? 0;
  const variant = storeVariant(description);
  return [
    `store     ${path}, format ${format}, of ${source}`,
    `samples   ${digest === undefined ? `${imported} of ${length}: the import is not finished` : imported}`,
    `classes   ${counts.join(', ')}${more}${unlabelled > 0 ? `; ${unlabelled} without a label` : ''}`,
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
