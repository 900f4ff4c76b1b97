import { MillraceError } from '../core/errors.ts';
import { renderPreview } from '../preview/render-preview.ts';
import { RunReport } from '../report/run-report.ts';
import { writeSheet } from '../workspace/sample-sheet.ts';
import { rowsOf } from './parts/step-rows.ts';
import { sheetOf } from './sample-sheet.ts';
import type { TrainingSetup } from './setup.ts';
import type { TrainingEvent } from './training-event.ts';

type Emit = (event: TrainingEvent) => void;

/** The report of a training in progress. One that cannot be written is told of, and stops no training. */
export class ReportUpdates {
  readonly #report: RunReport;
  readonly #emit: Emit;

  constructor({ files }: Pick<TrainingSetup, 'files'>, emit: Emit) {
    this.#report = new RunReport(files);
    this.#emit = emit;
  }

  /** Between epochs. */
  async update(): Promise<void> {
    await this.#attempt(() => this.#report.update());
  }

  /** When the run has ended, however it did. */
  async finish(): Promise<void> {
    await this.#attempt(async () => {
      await this.#report.write();
      this.#emit({ type: 'report', path: this.#report.path });
    });
  }

  async #attempt(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      this.#emit({ type: 'warning', message: `no report: ${error.message}` });
    }
  }
}

/** What the report shows of the data: rows, and epochs beside the original, in images of so many pixels. */
const picture = { samples: 4, versions: 5, cell: 128 } as const;

/** Draws what training will see for the report. A picture that fails is told of, and stops no training. */
export async function writeReportSamples(
  { dataset, options, files }: Pick<TrainingSetup, 'dataset' | 'options' | 'files'>,
  emit: Emit,
): Promise<void> {
  const { stream, recipe, steps, signal } = options;
  if (stream.backend === 'synthetic') return;
  const warn = (message: string) => emit({ type: 'warning', message });
  try {
    const { samples } = await renderPreview({
      ...picture,
      data: dataset,
      recipe,
      ...(steps && { steps }),
      // the cpu backend makes the same picture as any other
      stream: {
        ...{ seed: stream.seed, onError: stream.onError, backend: 'cpu' },
        // a step is one batch of the stream
        batchSize: rowsOf(options).step,
      },
      out: files.samples,
      signal,
      onMessage: () => {},
    });
    await writeSheet(files, await sheetOf(dataset, samples));
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    warn(`the report will show no samples: ${error.message}`);
  }
}
