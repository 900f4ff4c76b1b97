import type { Executor, FinishRow } from '../../../backends/backend.ts';
import { callsOnPart, type KernelCall, readBox } from '../../../backends/kernels/kernel.ts';
import { batchBytes } from '../../core/batch-size.ts';
import type { Box, Size } from '../../core/image.ts';
import type { RowRequest } from '../order/feed.ts';
import { openExecutor } from './open-executor.ts';
import { Staging } from './staging.ts';
import type { StagedRow, Task, ThreadSetup } from './task.ts';

/**
 * What a thread does with decoded images: runs their programs and normalises them into the batch, or passes them on to
 * the GPU. Rows of a group (one, or a pair that MixUp blends) are numbered from 0 on.
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
  ): StagedRow | undefined;
  /** Makes tensors of the group's rows. */
  finish(group: readonly RowRequest[], task: Task): void | Promise<void>;
  /** The row's tensor, where one is made here. */
  tensor(slot: number, row: number): Uint8Array | undefined;
  readonly bytesHeld: number;
  close(): void | Promise<void>;
}

export async function openRowTarget(setup: ThreadSetup): Promise<RowTarget> {
  const { backend } = setup;
  return backend === 'gpu'
    ? new StagingTarget(setup)
    : new ExecutorTarget(setup, await openExecutor(backend));
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

  finish(group: readonly RowRequest[], { slot, lambda }: Task): void | Promise<void> {
    const rows: FinishRow[] = group.map((_, row) =>
      lambda === undefined || group.length === 1 ? { row } : { row, mix: { partner: 1 - row, lambda } },
    );
    const first = (group[0] as RowRequest).row;
    return this.#executor.finish(rows, this.#setup.format, this.#slotBytes(slot, first, group.length));
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

/** The GPU does everything: what the program reads of an image is put where the calling thread uploads it from. */
class StagingTarget implements RowTarget {
  readonly #slots: readonly Staging[];
  #image = Buffer.alloc(0);

  constructor({ slots }: ThreadSetup) {
    this.#slots = slots.map((buffer) => new Staging(buffer));
  }

  image(_index: number, { width, height }: Size): Buffer {
    const bytes = width * height * 3;
    if (this.#image.length < bytes) this.#image = Buffer.allocUnsafeSlow(bytes);
    return this.#image.subarray(0, bytes);
  }

  run(_index: number, slot: number, calls: readonly KernelCall[], decoded: Box, size: Size): StagedRow {
    const whole = { left: 0, top: 0, ...size };
    const box = calls[0] === undefined ? whole : readBox(calls[0], whole);
    const { width, height } = box;
    const { at, bytes } = (this.#slots[slot] as Staging).reserve(width * height * 3);
    const rowBytes = decoded.width * 3;
    const first = (box.top - decoded.top) * rowBytes + (box.left - decoded.left) * 3;
    for (let y = 0; y < height; y++) {
      const from = first + y * rowBytes;
      this.#image.copy(bytes, y * width * 3, from, from + width * 3);
    }
    const named = callsOnPart(calls, box).map(({ kernel, args }) => ({ kernel: kernel.name, args }));
    return { at, width, height, calls: named };
  }

  finish(): void {}

  tensor(): undefined {}

  get bytesHeld(): number {
    return this.#image.length;
  }

  close(): void {}
}
