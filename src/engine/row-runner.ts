import { createHash } from 'node:crypto';
import { getHeapStatistics } from 'node:v8';
import { threadId } from 'node:worker_threads';
import type { Executor, FinishRow } from '../../backends/backend.ts';
import { decodeImage } from '../../backends/kernels/decode/decode.ts';
import { decodeRegion, regionScratchBytes } from '../../backends/kernels/decode/region.ts';
import { inflateScratchBytes } from '../../backends/kernels/decode/zlib/inflate.ts';
import { callsOnPart, fuseCalls, type KernelCall, readBox } from '../../backends/kernels/kernel.ts';
import type { AnyImageOperator } from '../../operators/operator.ts';
import type { Drawn } from '../core/batch.ts';
import { BackendError, DataError, type ErrorRecord, MillraceError, toErrorRecord } from '../core/errors.ts';
import type { Box, Size } from '../core/image.ts';
import { openReader, type Reader, type Source } from '../datasets/dataset.ts';
import { openExecutor } from './backends.ts';
import { loadOperator } from './operators.ts';
import { drawProgram, type ImageStep, type Program } from './program.ts';
import { batchBytes } from './slot-batch.ts';
import { sourceSize } from './source.ts';
import {
  noTimes,
  type RowRequest,
  type RowResult,
  type StageTimes,
  type Task,
  type TaskResult,
  type ThreadSetup,
} from './task.ts';

/** Prepares rows on one thread: read, draw, decode, run the program, normalise into the batch's slot. */
export class RowRunner {
  readonly #setup: ThreadSetup;
  readonly #reader: Reader;
  readonly #executor: Executor;
  readonly #steps: readonly ImageStep[];
  readonly #rowBytes: number;
  #times: StageTimes = noTimes();

  private constructor(setup: ThreadSetup, reader: Reader, executor: Executor, steps: readonly ImageStep[]) {
    this.#setup = setup;
    this.#reader = reader;
    this.#executor = executor;
    this.#steps = steps;
    this.#rowBytes = batchBytes(1, setup.size, setup.format);
  }

  static async open(setup: ThreadSetup): Promise<RowRunner> {
    const load = async (step: (typeof setup.imageSteps)[number]): Promise<ImageStep> => ({
      operator: (await loadOperator(step)) as AnyImageOperator,
      parameters: step.parameters,
    });
    try {
      const [reader, executor, steps] = await Promise.all([
        openReader(setup.reader),
        openExecutor(setup.backend),
        Promise.all(setup.imageSteps.map(load)),
      ]);
      return new RowRunner(setup, reader, executor, steps);
    } catch (cause) {
      if (cause instanceof MillraceError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `the dataset's reader, the operators or the backend cannot be opened: ${reason}`;
      throw new BackendError('OPEN_FAILED', message, { cause });
    }
  }

  async run(task: Task): Promise<TaskResult> {
    const start = performance.now();
    this.#times = noTimes();
    const rows: RowResult[] = [];
    const groups = task.lambda === undefined ? task.rows.map((row) => [row]) : inPairs(task.rows);
    for (const group of groups) rows.push(...(await this.#runGroup(group, task)));
    const decoding = regionScratchBytes() + inflateScratchBytes();
    const bytesHeld = this.#executor.bytesHeld + decoding + getHeapStatistics().total_heap_size;
    return { rows, times: this.#times, busyMs: performance.now() - start, threadId, bytesHeld };
  }

  async close(): Promise<void> {
    await this.#reader.close();
    await this.#executor.close();
  }

  /** One row, or a pair that MixUp blends: where one of a pair fails, neither is finished. */
  async #runGroup(group: readonly RowRequest[], task: Task): Promise<RowResult[]> {
    const prepared: (Program | { failure: ErrorRecord })[] = [];
    for (const [index, row] of group.entries()) {
      try {
        prepared.push(await this.#prepare(index, row, task.epoch));
      } catch (error) {
        prepared.push({ failure: rowError(error, row) });
      }
    }
    const isWhole = prepared.every((row) => 'calls' in row);
    if (isWhole) await this.#finish(group, task);
    return prepared.map((row, i) =>
      'calls' in row ? this.#report(group[i] as RowRequest, row, task.slot, isWhole) : row,
    );
  }

  #report({ row, id, label }: RowRequest, { drawn }: Program, slot: number, isWhole: boolean): RowResult {
    const { recordDraws, digest } = this.#setup;
    return {
      ...(recordDraws && { drawn }),
      ...(digest && isWhole && { digest: rowDigest(id, label, drawn, this.#slotBytes(slot, row, 1)) }),
    };
  }

  /** Reads, decodes and transforms one sample into the executor's row `index`. */
  async #prepare(index: number, row: RowRequest, epoch: number): Promise<Program> {
    const source = await this.#timed('read', () => this.#reader.read(row.locator));
    const { seed, decode } = this.#setup;
    const size = sourceSize(source, decode);
    const program = drawProgram(this.#steps, size, { seed, epoch, sampleId: row.id });
    this.#checkSize(program.size);
    const calls = fuseCalls(program.calls);
    const decoded = await this.#timed('decode', () => this.#load(index, source, size, calls[0]));
    const onPart = callsOnPart(calls, decoded);
    await this.#timed('transform', () => this.#executor.run(index, onPart));
    return program;
  }

  /** Fills the executor's image with all of the source's or, where it can, the part that the first call reads. */
  #load(index: number, source: Source, size: Size, first: KernelCall | undefined): Box | Promise<Box> {
    const { decode } = this.#setup;
    const allocate = (part: Size) => this.#executor.image(index, part);
    const whole = { left: 0, top: 0, ...size };
    if ('intervalEnds' in source)
      return decodeRegion(source, first === undefined ? whole : readBox(first, whole), decode, allocate);
    if (Buffer.isBuffer(source)) {
      const decoding = decodeImage(source, decode, allocate);
      return decoding instanceof Promise ? decoding.then(() => whole) : whole;
    }
    allocate(size).set(source.data);
    return whole;
  }

  #checkSize(size: Size): void {
    const { width, height } = this.#setup.size;
    if (size.width === width && size.height === height) return;
    throw new DataError(
      'SIZE_MISMATCH',
      `image reaches the batch as ${size.width} x ${size.height}, the batch holds ${width} x ${height}; add ` +
        'randomResizedCrop(size), or resize(...) and centerCrop(size), to the pipeline',
    );
  }

  /** Normalises the group's rows (one, or a pair that MixUp blends) into their places in the slot. */
  async #finish(group: readonly RowRequest[], { slot, lambda }: Task): Promise<void> {
    const rows: FinishRow[] = group.map((_, row) =>
      lambda === undefined || group.length === 1 ? { row } : { row, mix: { partner: 1 - row, lambda } },
    );
    const first = (group[0] as RowRequest).row;
    const output = this.#slotBytes(slot, first, group.length);
    await this.#timed('finish', () => this.#executor.finish(rows, this.#setup.format, output));
  }

  #slotBytes(slot: number, row: number, rows: number): Uint8Array {
    const buffer = this.#setup.slots[slot] as SharedArrayBuffer;
    return new Uint8Array(buffer, row * this.#rowBytes, rows * this.#rowBytes);
  }

  async #timed<T>(stage: keyof StageTimes, action: () => T | Promise<T>): Promise<T> {
    const start = performance.now();
    const result = action();
    const value = result instanceof Promise ? await result : result;
    this.#times[stage] += performance.now() - start;
    return value;
  }
}

/** Rows come in order from an even one: neighbours are MixUp partners, a last odd row stays alone. */
function inPairs(rows: readonly RowRequest[]): RowRequest[][] {
  return Array.from({ length: Math.ceil(rows.length / 2) }, (_, pair) => rows.slice(pair * 2, pair * 2 + 2));
}

function rowDigest(id: number, label: number, drawn: readonly Drawn[], pixels: Uint8Array): Uint8Array {
  return createHash('sha256')
    .update(JSON.stringify([id, label, drawn]))
    .update(pixels)
    .digest();
}

/** Named by the sample's key, and by the operator where the fault is one's. */
export function rowError(error: unknown, { key }: Pick<RowRequest, 'key'>): ErrorRecord {
  const record = toErrorRecord(error, { sample: key });
  const where =
    record.operator === undefined || record.message.startsWith(`${record.operator}:`)
      ? ''
      : `${record.operator}: `;
  // what nobody foresaw came with this sample: another may do
  const errorClass = record.code === 'UNEXPECTED' ? ('DataError' as const) : record.class;
  return { ...record, class: errorClass, sample: key, message: `${key}: ${where}${record.message}` };
}
