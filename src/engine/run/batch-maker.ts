import { runDespiteLosses } from '../../../backends/threads/retry.ts';
import type { TaskPool } from '../../../backends/threads/task-pool.ts';
import type { Batch, Drawn, Substitution } from '../../core/batch.ts';
import { batchShape } from '../../core/batch-size.ts';
import { type ErrorRecord, fromErrorRecord, toErrorRecord } from '../../core/errors.ts';
import type { Size, TensorFormat } from '../../core/image.ts';
import { mixingOf, type RowMix } from '../../core/mixing.ts';
import { multiLabelsOf } from '../../core/multi-labels.ts';
import { type BatchRequest, copiesIn, type RowRequest } from '../order/feed.ts';
import { MAX_ATTEMPTS, NoStandIn, type OnError } from '../order/substitution.ts';
import { type DigestedBatch, rowDigest, streamDigest } from '../rows/stream-digest.ts';
import type { RowResult, Task, TaskResult } from '../rows/task.ts';
import type { BatchMemory } from '../slots/batch-memory.ts';
import { type ImageMemory, slotBatch } from '../slots/slot-batch.ts';
import type { SlotRing } from '../slots/slots.ts';
import type { Mixes, RowMixes } from './row-mixes.ts';
import type { RunStatistics } from './statistics.ts';

/** How batches are made from requests. */
export interface MakerOptions {
  readonly ring: SlotRing;
  readonly memory: BatchMemory;
  readonly size: Size;
  readonly format: TensorFormat;
  /** Rows a task; even, so that pairs that are mixed stay together. */
  readonly chunkRows: number;
  /** Undefined: the pipeline does not mix. */
  readonly mixes: RowMixes | undefined;
  readonly onError: OnError;
  readonly standIn: (request: BatchRequest, row: number, attempt: number) => RowRequest;
  readonly recordDraws: boolean;
  readonly digest: boolean;
  /** Digest of the part of the epoch that came before the first batch; '' at an epoch's start. */
  readonly digestSoFar: string;
}

/** Makes batches: splits the rows among threads, puts stand-ins in place of bad samples, adds labels and digest. */
export class BatchMaker {
  readonly #options: MakerOptions;
  readonly #pool: TaskPool<Task, TaskResult>;
  readonly #statistics: RunStatistics;
  #rolling: string;

  constructor(options: MakerOptions, pool: TaskPool<Task, TaskResult>, statistics: RunStatistics) {
    this.#options = options;
    this.#pool = pool;
    this.#statistics = statistics;
    this.#rolling = options.digestSoFar;
  }

  /** Fills the slot with the request's rows. The rolling digest needs the batch before to be made first. */
  async make(
    request: BatchRequest,
    slot: number,
    previous: Promise<Batch> | undefined,
    onRelease: () => void,
  ): Promise<Batch> {
    const { size, format, memory, recordDraws } = this.#options;
    const mixes = this.#options.mixes?.(request);
    memory.begin(slot);
    const { rows, results, substitutions } = await this.#runRows(request, slot, mixes);
    const images = await memory.finish(slot, rows, results);
    const digests = this.#options.digest ? await rowDigests(rows, results, images) : undefined;
    await previous?.catch(() => {});
    const { epoch, index } = request;
    const labels = Int32Array.from(rows, (row) => row.label);
    const multiLabels = multiLabelsOf(rows);
    const facts = {
      shape: batchShape(rows.length, size, format),
      dtype: format.dtype,
      layout: format.layout,
      labels,
      ...(multiLabels && { multiLabels }),
      mixing: mixes && mixingOf(labels, mixes),
      ...copiesIn(request),
      ids: Float64Array.from(rows, (row) => row.id),
      keys: rows.map((row) => row.key),
      epoch,
      index,
      isLastOfEpoch: request.isLastOfEpoch,
      drawn: recordDraws ? results.map((result) => result.drawn as readonly Drawn[]) : undefined,
      substitutions,
      digest: digests && this.#roll({ epoch, index, substitutions, rowDigests: digests }),
      rowDigests: digests,
    };
    return slotBatch(facts, images, onRelease);
  }

  /** Runs all rows; where some are bad, stops or runs stand-ins in their place until the batch is full. */
  async #runRows(request: BatchRequest, slot: number, mixes: Mixes | undefined) {
    const { epoch, index } = request;
    const mixed = (row: RowRequest) => withMix(row, mixes?.[row.row]);
    const rows = request.rows.map(mixed);
    const results: RowResult[] = new Array(rows.length);
    const substitutions: Substitution[] = [];
    const run = (some: readonly RowRequest[]) => this.#runTasks({ slot, epoch, rows: some }, results);
    await run(rows);
    for (let attempt = 1; ; attempt++) {
      const bad = badRows(rows, results);
      if (bad.length === 0) return { rows, results, substitutions: rowByRow(substitutions) };
      this.#stopAt(bad);
      for (const { row, id, key, failure, firstBytes } of bad) {
        const { code, message, operator } = failure;
        substitutions.push({ row, id, key, code, message, operator, firstBytes });
      }
      if (attempt > MAX_ATTEMPTS) throw new NoStandIn({ epoch, index, substitutions });
      for (const { row } of bad) rows[row] = mixed(this.#options.standIn(request, row, attempt));
      const groups = mixes === undefined ? bad.map(({ row }) => [row]) : pairsOf(bad, rows.length);
      await Promise.all(groups.map((group) => run(group.map((row) => rows[row] as RowRequest))));
    }
  }

  /** Throws where the run is to stop: at any failure, or at one that no other sample could make good. */
  #stopAt(bad: readonly BadRow[]): void {
    const { onError } = this.#options;
    const final = bad.find(({ failure }) => onError === 'stop' || failure.class !== 'DataError');
    if (final !== undefined) throw fromErrorRecord(final.failure);
  }

  async #runTasks({ rows, ...common }: Task, results: RowResult[]): Promise<void> {
    const { chunkRows } = this.#options;
    const sound = rows.filter(({ failure }) => failure === undefined);
    for (const { row, failure } of rows) if (failure !== undefined) results[row] = { failure };
    const chunks = Array.from({ length: Math.ceil(sound.length / chunkRows) }, (_, chunk) =>
      sound.slice(chunk * chunkRows, (chunk + 1) * chunkRows),
    );
    await Promise.all(
      chunks.map(async (chunk) => {
        const run = (some: readonly RowRequest[]) => this.#pool.run({ ...common, rows: some });
        const { result, items, bad } = await runDespiteLosses(chunk, run);
        if (result !== undefined) this.#statistics.addTask(result);
        for (const [i, { row }] of items.entries()) results[row] = result?.rows[i] as RowResult;
        for (const [{ row }, error] of bad) results[row] = { failure: toErrorRecord(error) };
      }),
    );
  }

  #roll(batch: DigestedBatch): string {
    this.#rolling = streamDigest(batch.index === 0 ? '' : this.#rolling, batch);
    return this.#rolling;
  }
}

/** A thread makes the digests of the tensors that it makes; those made on a GPU are fetched. */
async function rowDigests(
  rows: readonly RowRequest[],
  results: readonly RowResult[],
  memory: ImageMemory,
): Promise<Uint8Array[]> {
  if (results[0]?.digest !== undefined) return results.map(({ digest }) => digest as Uint8Array);
  const { buffer, byteOffset, byteLength } = await memory.read();
  const rowBytes = byteLength / rows.length;
  return rows.map(({ id, label, labels, mix }, row) => {
    const tensor = new Uint8Array(buffer, byteOffset + row * rowBytes, rowBytes);
    const drawn = results[row]?.drawn as readonly Drawn[];
    return rowDigest({ id, label, ...(labels && { labels }), drawn, mix }, tensor);
  });
}

interface BadRow extends RowRequest {
  readonly failure: ErrorRecord;
  readonly firstBytes: string | undefined;
}

const badRows = (rows: readonly RowRequest[], results: readonly RowResult[]): BadRow[] =>
  rows.flatMap((row) => {
    const { failure, firstBytes } = results[row.row] as RowResult;
    return failure === undefined ? [] : [{ ...row, failure, firstBytes }];
  });

/** Those of one row in the order in which they were tried: the same for a whole batch and for ranks that share it. */
const rowByRow = (substitutions: readonly Substitution[]): Substitution[] =>
  substitutions.toSorted((a, b) => a.row - b.row);

const withMix = (row: RowRequest, mix: RowMix | undefined): RowRequest =>
  mix === undefined ? row : { ...row, mix };

/** The pairs that hold the given rows, each once. */
function pairsOf(bad: readonly RowRequest[], length: number): number[][] {
  const firsts = new Set(bad.map(({ row }) => row & ~1));
  return [...firsts].map((first) => [first, first + 1].filter((row) => row < length));
}
