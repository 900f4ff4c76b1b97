import type { DecodeOptions } from '../../../backends/decode/decode.ts';
import type { Drawn } from '../../core/batch.ts';
import type { ErrorRecord } from '../../core/errors.ts';
import type { Size, TensorFormat } from '../../core/image.ts';
import type { StepDescription } from '../../core/step.ts';
import type { ReaderDescription } from '../../datasets/dataset.ts';
import type { RowRequest } from '../order/feed.ts';
import type { ThreadBackend } from '../plan/backend-name.ts';
import type { Erasing } from '../plan/erasing.ts';

/** What a worker thread is told once, when it starts. Plain data and shared memory. */
export interface ThreadSetup {
  readonly backend: ThreadBackend | 'gpu';
  readonly reader: ReaderDescription;
  readonly decode: DecodeOptions;
  readonly imageSteps: readonly StepDescription[];
  /** What erases parts of rows before they are mixed, and after. */
  readonly eraseStep: StepDescription | undefined;
  readonly eraseAfterStep: StepDescription | undefined;
  readonly format: TensorFormat;
  readonly seed: number;
  /** Size of every row of a batch. */
  readonly size: Size;
  /** A batch's tensor each, or with the gpu backend its decoded images (staging.ts). */
  readonly slots: readonly SharedArrayBuffer[];
  readonly recordDraws: boolean;
  readonly digest: boolean;
}

/** Consecutive rows of one batch, prepared by one thread. Pairs of rows that are mixed are never split. */
export interface Task {
  readonly slot: number;
  readonly epoch: number;
  readonly rows: readonly RowRequest[];
}

/** Where in the slot an image lies that is on its way to the GPU. */
export interface StagedImage {
  /** What its program reads of it, u8 RGB: first byte and bytes. */
  readonly at: number;
  readonly bytes: number;
  /** Its plan (backends/gpu/image-plan.ts): first byte and words. */
  readonly planAt: number;
  readonly planWords: number;
}

/** Such an image, as a row of its batch. */
export interface StagedRow extends StagedImage {
  /** What is erased of it. */
  readonly erasing: Erasing;
}

/** What became of one row; in the order of the task's rows. */
export interface RowResult {
  readonly failure?: ErrorRecord;
  /** Of a sample that failed after it was read: how its file begins, in hexadecimal. */
  readonly firstBytes?: string;
  /** Where the setup asked for it. */
  readonly drawn?: readonly Drawn[];
  readonly digest?: Uint8Array;
  /** With the gpu backend. */
  readonly staged?: StagedRow;
}

/** What a thread does for a row, in this order. */
export const stageNames = ['read', 'draw', 'decode', 'transform', 'finish'] as const;

/** Milliseconds a thread spent in each stage of a task. */
export type StageTimes = Record<(typeof stageNames)[number], number>;

export const noTimes = (): StageTimes => ({ read: 0, draw: 0, decode: 0, transform: 0, finish: 0 });

/** What a thread sends back. */
export interface TaskResult {
  readonly rows: readonly RowResult[];
  readonly times: StageTimes;
  /** Milliseconds of the whole task on its thread: the stages and what lies between them. */
  readonly busyMs: number;
  readonly threadId: number;
  /** Pixels of the images that were read, however little of them was decoded. */
  readonly sourcePixels: number;
  /** Bytes of scratch memory that the thread holds: its executor's, and what was written to of its JavaScript heap. */
  readonly bytesHeld: number;
}
