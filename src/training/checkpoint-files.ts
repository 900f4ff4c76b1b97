import { copyFile, link, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { isSystemError, OutputError } from '../core/errors.ts';
import { unwritable } from '../core/write-whole.ts';
import { type Checkpoint, checkpointOutput, saveCheckpoint } from '../trainers/checkpoint.ts';

export interface CheckpointFilesOptions {
  readonly folder: string;
  /** Name of the last checkpoint. */
  readonly filename: string;
  /** How many epochs keep one of their own. */
  readonly keep: number;
  /** Hears of an epoch's checkpoint that was removed early, since the disk was full. */
  readonly onRemoved?: (path: string) => void;
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
  return (name) => [filename, bestFilename].includes(name) || epochIn(filename, name) !== undefined;
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
    const before = epoch ?? Number.POSITIVE_INFINITY;
    await this.#withRoom(before, () => saveCheckpoint(first, checkpoint));
    for (const path of rest) await this.#withRoom(before, () => linkAs(first, path));
    if (epoch !== undefined) await this.#prune(epoch);
  }

  /** Writes; as long as the disk is full, removes the oldest checkpoint of an epoch before this one, and tries again. */
  async #withRoom(epoch: number, write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (!isOfFullDisk(error) || !(await this.#removeOldest(epoch))) throw error;
      }
    }
  }

  /** Whether there was one to remove. The last and the best have names of their own, and stay. */
  async #removeOldest(before: number): Promise<boolean> {
    const { folder, onRemoved } = this.#options;
    for (const epoch of (await this.#epochs()).sort((a, b) => a - b)) {
      const path = join(folder, this.#epochName(epoch));
      // a further name of the last or the best frees nothing
      if (epoch >= before || (await stat(path)).nlink > 1) continue;
      await rm(path);
      onRemoved?.(path);
      return true;
    }
    return false;
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
    const old = (await this.#epochs()).filter((one) => one <= epoch - keep);
    for (const one of old) await rm(join(folder, this.#epochName(one)), { force: true });
  }

  /** Epochs that have a checkpoint of their own. */
  async #epochs(): Promise<number[]> {
    const { folder, filename } = this.#options;
    const epochs = (await readdir(folder)).map((name) => epochIn(filename, name));
    return epochs.filter((epoch) => epoch !== undefined);
  }

  #epochName(epoch: number | string): string {
    return epochName(this.#options.filename, epoch);
  }
}

/** The epoch whose checkpoint has this name. */
function epochIn(filename: string, name: string): number | undefined {
  const [before, after] = epochName(filename, '*').split('*') as [string, string];
  if (!name.startsWith(before) || !name.endsWith(after)) return undefined;
  const digits = name.slice(before.length, -after.length);
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}

const isOfFullDisk = (error: unknown): boolean =>
  error instanceof OutputError &&
  isSystemError(error.cause) &&
  ['ENOSPC', 'EDQUOT'].includes(error.cause.code ?? '');

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
