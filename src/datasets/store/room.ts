import { randomUUID } from 'node:crypto';
import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { OutputError, reasonOf } from '../../core/errors.ts';

// LMDB ends the process where the disk has no room for the beginning of a store or for its lock: it maps both into
// memory. So room is made sure of before.

/** More than the heads, the empty tables and the lock take. */
const BEGINNING_BYTES = 2 ** 18;
/** More than the lock takes: 64 bytes a reader. */
const LOCK_BYTES = 2 ** 17;

/** Throws OutputError where a store cannot be begun, or gone on with. */
export function checkRoomForStore(path: string): void {
  const failure = tryToWrite(path, BEGINNING_BYTES);
  if (failure !== undefined) throw writeFailed(path, failure);
}

/** Throws OutputError where the disk is too full to read a store: the first reader makes a lock beside it. */
export function checkRoomForLock(path: string): void {
  const { size } = statSync(`${path}-lock`, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size >= LOCK_BYTES / 2) return;
  const cause = tryToWrite(path, LOCK_BYTES);
  // where nothing can be written at all, LMDB does without a lock
  if (cause?.code === 'ENOSPC' || cause?.code === 'EDQUOT' || cause?.code === 'EFBIG')
    throw new OutputError('DISK_FULL', `${path}: the disk has no room for its lock of 66 KiB`, { cause });
}

function tryToWrite(path: string, bytes: number): NodeJS.ErrnoException | undefined {
  const probe = `${path}-probe-${randomUUID()}`;
  let failure: NodeJS.ErrnoException | undefined;
  try {
    writeFileSync(probe, Buffer.alloc(bytes), { flag: 'wx' });
  } catch (error) {
    failure = error as NodeJS.ErrnoException;
  }
  rmSync(probe, { force: true });
  return failure;
}

export function writeFailed(path: string, cause: unknown): OutputError {
  if (isFull(path, 2 * BEGINNING_BYTES)) return diskFull(path, cause);
  return new OutputError('STORE_WRITE_FAILED', `${path}: the store cannot be written: ${reasonOf(cause)}`, {
    cause,
  });
}

export const diskFull = (path: string, cause?: unknown): OutputError =>
  new OutputError('DISK_FULL', `${path}: the disk is full`, { cause });

export function isFull(path: string, neededBytes: number): boolean {
  const { bavail, bsize, blocks } = statfsSync(dirname(resolve(path)));
  // some network disks say 0 of everything
  return blocks > 0 && bavail * bsize < neededBytes;
}
