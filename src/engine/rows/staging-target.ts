import { packPlan } from '../../../backends/gpu/image-plan.ts';
import { KnownTables } from '../../../backends/gpu/known-tables.ts';
import { planImage, sourceBytes } from '../../../backends/gpu/plan-image.ts';
import { callsOnPart, type KernelCall, readBox } from '../../../backends/kernels/kernel.ts';
import type { Box, Size } from '../../core/image.ts';
import { Staging } from './staging.ts';
import type { StagedImage, ThreadSetup } from './task.ts';

/** A decoded box this much wider than the part that is read is copied in one piece: more would only go up for nothing. */
const WIDEST_SHARE = 1.125;

/**
 * A RowTarget (row-target.ts) for the GPU, which does everything. The thread puts where the calling thread uploads from: what
 * a program reads of an image and, planned, the program.
 */
export class StagingTarget {
  readonly #slots: readonly Staging[];
  readonly #tables = new KnownTables();
  #image = Buffer.alloc(0);

  constructor({ slots }: ThreadSetup) {
    this.#slots = slots.map((buffer) => new Staging(buffer));
  }

  image(_index: number, { width, height }: Size): Buffer {
    const bytes = width * height * 3;
    if (this.#image.length < bytes) this.#image = Buffer.allocUnsafeSlow(bytes);
    return this.#image.subarray(0, bytes);
  }

  run(_index: number, slot: number, calls: readonly KernelCall[], decoded: Box, size: Size): StagedImage {
    const whole = { left: 0, top: 0, ...size };
    const box = calls[0] === undefined ? whole : readBox(calls[0], whole);
    const stride = decoded.width <= box.width * WIDEST_SHARE ? decoded.width : box.width;
    const source = { size: { width: box.width, height: box.height }, stride };
    const plan = packPlan(planImage({ ...source, calls: callsOnPart(calls, box) }, this.#tables));
    const bytes = sourceBytes(source);
    const planBytes = plan.byteLength;
    const { at: planAt, bytes: room } = (this.#slots[slot] as Staging).reserve(planBytes + bytes);
    Buffer.from(plan.buffer, plan.byteOffset, planBytes).copy(room);
    this.#copyPart(decoded, box, stride, room.subarray(planBytes));
    return { planAt, planWords: plan.length, at: planAt + planBytes, bytes };
  }

  finish(): void {}

  tensor(): undefined {}

  get bytesHeld(): number {
    return this.#image.length;
  }

  close(): void {}

  /** From the decoded box, whose rows lie as far apart there as in the copy, or are copied one by one. */
  #copyPart(decoded: Box, { left, top, width, height }: Box, stride: number, copy: Buffer): void {
    const rowBytes = decoded.width * 3;
    const first = (top - decoded.top) * rowBytes + (left - decoded.left) * 3;
    if (stride === decoded.width) {
      this.#image.copy(copy, 0, first, first + copy.length);
      return;
    }
    for (let y = 0; y < height; y++) {
      const from = first + y * rowBytes;
      this.#image.copy(copy, y * width * 3, from, from + width * 3);
    }
  }
}
