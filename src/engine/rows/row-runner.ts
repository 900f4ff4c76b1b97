import { getHeapStatistics } from 'node:v8';
import { threadId } from 'node:worker_threads';
import { decodeRegion } from '../../../backends/decode/region.ts';
import { decodeScratchBytes } from '../../../backends/decode/scratch.ts';
import { inflateScratchBytes } from '../../../backends/decode/zlib/inflate.ts';
import { type KernelCall, readBox } from '../../../backends/kernels/kernel.ts';
import type { MarkItem } from '../../../backends/threads/thread-task.ts';
import type { Drawn } from '../../core/batch.ts';
import { BackendError, DataError, MillraceError } from '../../core/errors.ts';
import type { Box, Size } from '../../core/image.ts';
import { sampleError } from '../../core/sample-error.ts';
import type { Source } from '../../datasets/dataset.ts';
import { SampleReader } from '../../datasets/sample-reader.ts';
import type { RowRequest } from '../order/feed.ts';
import type { Erasing, ErasingSteps } from '../plan/erasing.ts';
import { loadImageStep, loadTensorStep } from '../plan/load-operator.ts';
import { drawProgram, type ImageStep, type Program } from '../plan/program.ts';
import { firstBytes, sourceSize } from './decode-source.ts';
import { FileDecoder } from './file-decoder.ts';
import { openRowTarget, type RowTarget } from './row-target.ts';
import { rowDigest } from './stream-digest.ts';
import {
  noTimes,
  type RowResult,
  type StagedRow,
  type StageTimes,
  type Task,
  type TaskResult,
  type ThreadSetup,
} from './task.ts';

type FailedRow = Required<Pick<RowResult, 'failure'>> & Pick<RowResult, 'firstBytes'>;

interface PreparedRow {
  readonly drawn: readonly Drawn[];
  readonly erasing: Erasing;
  readonly staged: StagedRow | undefined;
}

/** Prepares rows on one thread: read, draw, decode, then what the target does: run the program, make the tensor. */
export class RowRunner {
  readonly #setup: ThreadSetup;
  readonly #reader: SampleReader;
  readonly #files: FileDecoder;
  readonly #target: RowTarget;
  readonly #steps: readonly ImageStep[];
  readonly #erasing: ErasingSteps;
  #times: StageTimes = noTimes();
  #sourcePixels = 0;

  private constructor(
    setup: ThreadSetup,
    reader: SampleReader,
    target: RowTarget,
    steps: readonly ImageStep[],
    erasing: ErasingSteps,
  ) {
    this.#setup = setup;
    this.#reader = reader;
    this.#files = new FileDecoder(setup.decode, setup.checksums);
    this.#target = target;
    this.#steps = steps;
    this.#erasing = erasing;
  }

  static async open(setup: ThreadSetup): Promise<RowRunner> {
    const { imageSteps, eraseStep, eraseAfterStep } = setup;
    try {
      const [target, steps, erase, eraseAfter] = await Promise.all([
        openRowTarget(setup),
        Promise.all(imageSteps.map(loadImageStep)),
        loadTensorStep(eraseStep),
        loadTensorStep(eraseAfterStep),
      ]);
      const erasing = { erase, eraseAfter, position: steps.length };
      // last: on the calling thread its files would stay open where the others fail
      return new RowRunner(setup, await SampleReader.open(setup.reader), target, steps, erasing);
    } catch (cause) {
      if (cause instanceof MillraceError) throw cause;
      const message = `the dataset's reader, the operators or the backend cannot be opened: ${cause}`;
      throw new BackendError('OPEN_FAILED', message, { cause });
    }
  }

  /** Says that the task is next: what has to be waited for can be on its way. */
  announce({ rows }: Task): void {
    this.#reader.prefetch(rows);
  }

  async run(task: Task, mark: MarkItem = () => {}): Promise<TaskResult> {
    const start = performance.now();
    this.#times = noTimes();
    this.#sourcePixels = 0;
    const rows: RowResult[] = [];
    for (const group of inGroups(task.rows)) {
      const done = rows.length;
      rows.push(...(await this.#runGroup(group, task, (index) => mark(done + index))));
    }
    const decoding = decodeScratchBytes() + inflateScratchBytes();
    const bytesHeld = this.#target.bytesHeld + decoding + getHeapStatistics().total_physical_size;
    const done = { rows, times: this.#times, sourcePixels: this.#sourcePixels };
    return { ...done, busyMs: performance.now() - start, threadId, bytesHeld };
  }

  async close(): Promise<void> {
    await this.#reader.close();
    await this.#target.close();
  }

  /** One row, or a pair that is mixed: where one of a pair fails, neither is finished. */
  async #runGroup(group: readonly RowRequest[], task: Task, mark: MarkItem): Promise<RowResult[]> {
    const prepared: (PreparedRow | FailedRow)[] = [];
    for (const [index, row] of group.entries()) {
      mark(index);
      prepared.push(await this.#attempt(index, row, task));
    }
    const isWhole = prepared.every((row): row is PreparedRow => 'drawn' in row);
    if (isWhole) {
      const rows = prepared.map(({ erasing }, i) => ({ ...(group[i] as RowRequest), erasing }));
      await this.#timed('finish', () => this.#target.finish(rows, task.slot));
    }
    return prepared.map((row, i) =>
      'drawn' in row ? this.#report(group[i] as RowRequest, row, task.slot, isWhole) : row,
    );
  }

  #report(
    { row, id, label, labels, mix }: RowRequest,
    { drawn, staged }: PreparedRow,
    slot: number,
    isWhole: boolean,
  ): RowResult {
    const { recordDraws, digest } = this.#setup;
    const of = { id, label, ...(labels && { labels }) };
    const tensor = digest && isWhole ? this.#target.tensor(slot, row) : undefined;
    return {
      // the digest of a tensor that is made elsewhere is made there, and takes them
      ...((recordDraws || (digest && staged !== undefined)) && { drawn }),
      ...(tensor && { digest: rowDigest({ ...of, drawn, mix }, tensor) }),
      ...(staged && { staged }),
    };
  }

  async #attempt(index: number, row: RowRequest, task: Task): Promise<PreparedRow | FailedRow> {
    let source: Source | undefined;
    try {
      source = await this.#timed('read', () => this.#reader.read(row));
      return await this.#prepare(index, row, source, task);
    } catch (error) {
      const start = firstBytes(source);
      return { failure: sampleError(error, row), ...(start !== undefined && { firstBytes: start }) };
    }
  }

  /** Decodes one sample and runs its program, as row `index` of the target. */
  async #prepare(
    index: number,
    row: RowRequest,
    source: Source,
    { epoch, slot }: Task,
  ): Promise<PreparedRow> {
    const size = sourceSize(source, this.#setup.decode);
    this.#sourcePixels += size.width * size.height;
    const { calls, drawn, erasing } = this.#draw(row, size, epoch);
    const decoded = await this.#timed('decode', () => this.#load(index, row.id, source, size, calls[0]));
    const image = await this.#timed('transform', () => this.#target.run(index, slot, calls, decoded, size));
    return { drawn, erasing, staged: image && { ...image, erasing } };
  }

  #draw({ id: sampleId, key, occurrence }: RowRequest, size: Size, epoch: number): Program {
    const start = performance.now();
    const at = { seed: this.#setup.seed, epoch, sampleId, occurrence, key };
    const program = drawProgram(this.#steps, size, at, this.#erasing);
    this.#times.draw += performance.now() - start;
    this.#checkSize(program.size);
    return program;
  }

  /** Fills the target's image with all of the source's or, where it can, the part that the first call reads. */
  #load(
    index: number,
    sampleId: number,
    source: Source,
    size: Size,
    first: KernelCall | undefined,
  ): Box | Promise<Box> {
    const allocate = (part: Size) => this.#target.image(index, part);
    const whole = { left: 0, top: 0, ...size };
    const wanted = first === undefined ? whole : readBox(first, whole);
    if ('intervalEnds' in source) return decodeRegion(source, wanted, this.#setup.decode, allocate);
    if (Buffer.isBuffer(source))
      return this.#files.decode(sampleId, source, size, wanted.top + wanted.height, allocate);
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

  async #timed<T>(stage: keyof StageTimes, action: () => T | Promise<T>): Promise<T> {
    const start = performance.now();
    const result = action();
    const value = result instanceof Promise ? await result : result;
    this.#times[stage] += performance.now() - start;
    return value;
  }
}

/**
 * Rows come in order. Rows 2k and 2k + 1 are together where one of them is mixed with the other; one whose partner is left out
 * stays alone.
 */
function inGroups(rows: readonly RowRequest[]): RowRequest[][] {
  const groups: RowRequest[][] = [];
  for (const row of rows) {
    const group = groups.at(-1);
    const before = group?.[0];
    const isPair = before !== undefined && before.row === (row.row ^ 1);
    if (isPair && (before.mix !== undefined || row.mix !== undefined)) group?.push(row);
    else groups.push([row]);
  }
  return groups;
}
