import type { Executor } from '../../backends/backend.ts';
import { writeWhole } from '../core/write-whole.ts';
import { openExecutor } from '../engine/rows/open-executor.ts';
import { checkPngName } from '../preview/render-preview.ts';
import { writePng } from '../raster/write-png.ts';
import { hasWholeBatch, pipelineOptions } from '../streams/stream-options.ts';
import { withGpu } from '../streams/with-gpu.ts';
import { replayAsData } from './as-data.ts';
import { encodeImages, encodeReplay } from './encoded-images.ts';
import { replayPage } from './page.ts';
import { drawReplay } from './picture.ts';
import { type ReplayRequest, replayBatch } from './replay-batch.ts';
import type { ReplayOptions } from './replay-options.ts';
import { openReplaySource, type ReplaySource } from './replay-source.ts';
import { drawSheet, type SheetRow, sheetPage, sheetRow } from './sheet.ts';

/** What was shown. */
export interface ReplayResult {
  readonly epoch: number;
  readonly batch: number;
  /** Number and key of each row that was shown. */
  readonly rows: readonly { readonly row: number; readonly key: string }[];
}

/**
 * Shows what the model saw: a row of any batch, stage by stage, or all rows at a glance. It is written only where that
 * way, gone apart from the pipeline, ends byte for byte in the pipeline's batch.
 */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  if (options.png !== undefined) checkPngName('png (--png)', options.png);
  const source = await openReplaySource(options);
  for (const warning of source.context.warnings) options.onMessage?.(warning);
  const executor = await openExecutor('cpu');
  try {
    return await withGpu(source.stream, options.onGpu, async () => {
      const write = options.row === undefined ? writeSheet : writeRow;
      const rows = await write({ executor, source, request: requestOf(source, options), options });
      return { ...source.place, rows };
    });
  } finally {
    await executor.close();
  }
}

/** What is to be shown, and how. */
interface Showing {
  readonly executor: Executor;
  readonly source: ReplaySource;
  readonly request: ReplayRequest;
  readonly options: ReplayOptions;
}

/** Writes a page and a picture, where they are asked for; resolves to the rows that they show. */
type Writer = (showing: Showing) => Promise<ReplayResult['rows']>;

const writeRow: Writer = async ({ executor, source, request, options }) => {
  const { dataset, context } = source;
  const { row = 0, out, png, onRow } = options;
  const shown: { row: number; key: string }[] = [];
  for await (const replayed of replayBatch(request, [row])) {
    if (out !== undefined)
      await writePage(out, replayPage(replayed, context, await encodeReplay(executor, replayed)));
    if (png !== undefined) await writePng(png, await drawReplay(executor, replayed, dataset));
    onRow?.(replayAsData(replayed, context));
    shown.push({ row, key: replayed.sample.key });
  }
  return shown;
};

const writeSheet: Writer = async ({ executor, source, request, options }) => {
  const { dataset, context } = source;
  const { out, png, onRow } = options;
  const shown: { row: number; key: string }[] = [];
  const rows: SheetRow[] = [];
  for await (const replayed of replayBatch(request)) {
    rows.push(await sheetRow(executor, replayed, dataset));
    onRow?.(replayAsData(replayed, context));
    shown.push({ row: replayed.row, key: replayed.sample.key });
  }
  if (out !== undefined)
    await writePage(out, sheetPage(rows, context, await encodeImages(rows.map(({ image }) => image))));
  if (png !== undefined) await writePng(png, drawSheet(rows));
  return shown;
};

const writePage = (path: string, page: string): Promise<void> =>
  writeWhole(path, page, { what: 'the page', makesFolder: true });

function requestOf(
  { dataset, steps, stream, place }: ReplaySource,
  { signal }: ReplayOptions,
): ReplayRequest {
  // bad samples are shown, and not listed once more
  const { quarantine: _, ...options } = stream;
  const dropLast = hasWholeBatch(dataset, stream);
  return {
    dataset,
    steps,
    options: { ...pipelineOptions(options), dropLast, ...(signal && { signal }) },
    ...place,
  };
}
