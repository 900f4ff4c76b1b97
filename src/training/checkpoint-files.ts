import { copyFile, link, readdir, rename, rm } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { unwritable } from '../core/write-whole.ts';
import { type Checkpoint, checkpointOutput, saveCheckpoint } from '../trainers/checkpoint.ts';

export interface CheckpointFilesOptions {
  readonly folder: string;
  /** Name of the last checkpoint. */
  readonly filename: string;
  /** How many epochs keep one of their own. */
  readonly keep: number;
}

/** What is special about a checkpoint. */
export interface CheckpointOccasion {
  /** The epoch that has just ended. */
  readonly epoch?: number;
  readonly isBest: boolean;
}

export const bestFilename = 'model_best.safetensors';

/** Tells the names of the last checkpoint with this name, of the best, and of epochs. */
export function checkpointName(filename: string): (name: string) => boolean {
  const [before, after] = epochName(filename, '*').split('*') as [string, string];
  return (name) =>
    name === filename ||
    name === bestFilename ||
    (name.startsWith(before) &&
      name.endsWith(after) &&
      /^\d+$/.test(name.slice(before.length, -after.length)));
}

/**
 * A training's checkpoints: the last, the best, and those of the latest epochs (`checkpoint-epoch-7.safetensors`). Each
 * name stands for a whole file at any time.
 */
export class CheckpointFiles {
  readonly #options: CheckpointFilesOptions;

  constructor(options: CheckpointFilesOptions) {
    this.#options = options;
  }

  get last(): string {
    return join(this.#options.folder, this.#options.filename);
  }

  async save(checkpoint: Checkpoint, { epoch, isBest }: CheckpointOccasion): Promise<void> {
    const { folder } = this.#options;
    const others = [
      ...(isBest ? [join(folder, bestFilename)] : []),
      ...(epoch === undefined ? [] : [join(folder, this.#epochName(epoch))]),
    ];
    // the last one last: what is gone on from after a crash then never knows of a best that was not written
    const [first = this.last, ...rest] = [...others, this.last];
    await saveCheckpoint(first, checkpoint);
    for (const path of rest) await linkAs(first, path);
    if (epoch !== undefined) await this.#prune(epoch);
  }

  /** Removes what a killed run left half-written. */
  async removeRemains(): Promise<void> {
    const { folder, filename } = this.#options;
    const names = [bestFilename, filename, `${parse(filename).name}-epoch-`];
    for (const name of await readdir(folder)) {
      if (!/\.\d+\.tmp$/.test(name) || !names.some((start) => name.startsWith(start))) continue;
      await rm(join(folder, name), { force: true });
    }
  }

  /** Epochs after this one are those of a run that was gone back from: they stay until they come again. */
  async #prune(epoch: number): Promise<void> {
    const { folder, keep } = this.#options;
    const [before, after] = this.#epochName('*').split('*') as [string, string];
    const epochs = (await readdir(folder))
      .filter((name) => name.startsWith(before) && name.endsWith(after))
      .map((name) => name.slice(before.length, -after.length))
      .filter((digits) => /^\d+$/.test(digits) && Number(digits) <= epoch - keep);
    for (const digits of epochs) await rm(join(folder, this.#epochName(digits)), { force: true });
  }

  #epochName(epoch: number | string): string {
    return epochName(this.#options.filename, epoch);
  }
}

function epochName(filename: string, epoch: number | string): string {
  const { name, ext } = parse(filename);
  return `${name}-epoch-${epoch}${ext || '.safetensors'}`;
}

/** Gives a file another name, in place of the file that had it; where the file system has no links, a copy. */
async function linkAs(from: string, path: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await rm(temporary, { force: true });
    await link(from, temporary).catch(() => copyFile(from, temporary));
    await rename(temporary, path);
  } catch (cause) {
    throw unwritable(path, checkpointOutput, cause);
  } finally {
    // renaming one of a file's names to another does nothing
    await rm(temporary, { force: true });
  }
}
