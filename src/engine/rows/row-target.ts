import type { Executor } from '../../../backends/backend.ts';
import { callsOnPart, type KernelCall } from '../../../backends/kernels/kernel.ts';
import { batchBytes } from '../../core/batch-size.ts';
import type { Box, Size } from '../../core/image.ts';
import type { RowRequest } from '../order/feed.ts';
import type { Erasing } from '../plan/erasing.ts';
import { finishRow } from './finish-row.ts';
import { openExecutor } from './open-executor.ts';
import type { StagedImage, ThreadSetup } from './task.ts';

/**
 * What a thread does with decoded images: runs their programs and normalises them into the batch, or passes them on to
 * the GPU. Rows of a group (one, or a pair that is mixed) are numbered from 0 on.
 */
export interface RowTarget {
  /** Memory for the packed u8 RGB pixels of row `index`; until its `run` for no other. */
  image(index: number, size: Size): Buffer;
  /** Runs a program of an image of the given size, of which the part `decoded` is in memory; or passes it on. */
  run(
    index: number,
    slot: number,
    calls: readonly KernelCall[],
    decoded: Box,
    size: Size,
  ): StagedImage | undefined;
  /** Makes tensors of the group's rows. */
  finish(group: readonly FinishedRow[], slot: number): void | Promise<void>;
  /** The row's tensor, where one is made here. */
  tensor(slot: number, row: number): Uint8Array | undefined;
  readonly bytesHeld: number;
  close(): void | Promise<void>;
}

/** A row of the batch whose program has run. */
export interface FinishedRow extends Pick<RowRequest, 'row' | 'mix'> {
  readonly erasing: Erasing;
}

export async function openRowTarget(setup: ThreadSetup): Promise<RowTarget> {
  const { backend } = setup;
  if (backend !== 'gpu') return new ExecutorTarget(setup, await openExecutor(backend));
  const { StagingTarget } = await import('./staging-target.ts');
  return new StagingTarget(setup);
}

/** Everything is done on this thread. */
class ExecutorTarget implements RowTarget {
  readonly #setup: ThreadSetup;
  readonly #executor: Executor;
  readonly #rowBytes: number;

  constructor(setup: ThreadSetup, executor: Executor) {
    this.#setup = setup;
    this.#executor = executor;
    this.#rowBytes = batchBytes(1, setup.size, setup.format);
  }

  image(index: number, size: Size): Buffer {
    return this.#executor.image(index, size);
  }

  run(index: number, _slot: number, calls: readonly KernelCall[], decoded: Box): undefined {
    this.#executor.run(index, callsOnPart(calls, decoded));
  }

  finish(group: readonly FinishedRow[], slot: number): void | Promise<void> {
    const held = group.map(({ erasing }, row) => ({ row, erasing }));
    const rows = held.map((own, i) => finishRow(own, group[i]?.mix, held[1 - i]));
    const { row } = group[0] as FinishedRow;
    return this.#executor.finish(rows, this.#setup.format, this.#slotBytes(slot, row, group.length));
  }

  tensor(slot: number, row: number): Uint8Array {
    return this.#slotBytes(slot, row, 1);
  }

  get bytesHeld(): number {
    return this.#executor.bytesHeld;
  }

  close(): void | Promise<void> {
    return this.#executor.close();
  }

  #slotBytes(slot: number, row: number, rows: number): Uint8Array {
    const buffer = this.#setup.slots[slot] as SharedArrayBuffer;
    return new Uint8Array(buffer, row * this.#rowBytes, rows * this.#rowBytes);
  }
}
