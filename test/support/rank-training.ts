import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf } from './folders.ts';
import { metricsOf } from './interrupted-training.ts';
import { type FinishedRanks, type Mpi, millraceOn, type RanksOptions } from './mpi.ts';
import { photo } from './photos.ts';
import { type Finished, millrace } from './processes.ts';

/** Every source of chance there is, on images that a CPU trains on in seconds. */
export const smallTraining = [
  ...['--arch', 'efficientnet-nano', '--image-size', '32', '--batch-size', '4', '--workers', '1'],
  ...['--augmentation', 'autoaugment', '--mixup', '0.2', '--lr', '0.01', '--digest', '--json'],
];

/** 32 images to train on, and 12 to evaluate: batches of 16 rows, the last of val with fewer. */
export async function dividedFolder(): Promise<string> {
  const files: Record<string, Uint8Array> = {};
  for (const [c, name] of ['cat', 'dog'].entries()) {
    for (let i = 0; i < 16; i++) files[`train/${name}/${i}.jpg`] = await photo(100 * c + i, 48, 40);
    for (let i = 0; i < 6; i++) files[`val/${name}/${i}.jpg`] = await photo(1000 + 100 * c + i, 48, 40);
  }
  return folderOf(files);
}

/** A training of one rank, which no launcher starts, or of several on an MPI. */
export async function trainRanks(
  mpi: Mpi,
  ranks: number,
  args: readonly string[],
  options: RanksOptions = {},
): Promise<Finished & Partial<FinishedRanks>> {
  const command = ['train', ...args];
  return ranks === 1 ? millrace(command, options) : millraceOn(mpi, ranks, command, options);
}

/** What a finished training leaves and says, but for times: equal for any number of ranks. */
export function outcomeOf(workspace: string, { stderr }: Finished) {
  const checkpoint = readFileSync(join(workspace, 'checkpoint.safetensors'));
  return { metrics: metricsOf(workspace).map(withoutTimes), digests: digestsIn(stderr), checkpoint };
}

/** The line that `--digest` prints. */
export function digestsIn(stderr: string): string {
  const [line] = /^digest of the stream .*weights \w+/m.exec(stderr) ?? [];
  if (line === undefined) throw new Error(`no digests: ${stderr}`);
  return line;
}

const isTime = (name: string) => /ips$|time|latency|share$/.test(name);
const isOfRun = (name: string) => /^run\./.test(name);

function withoutTimes(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !isTime(name) && !isOfRun(name)));
}
