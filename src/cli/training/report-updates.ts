import { mkdirSync } from 'node:fs';
import { MillraceError } from '../../core/errors.ts';
import { asOutput } from '../../core/write-whole.ts';
import type { Dataset } from '../../datasets/dataset.ts';
import type { RunReport } from '../../report/run-report.ts';
import { MetricsLog } from '../../training/metrics-log.ts';
import { type RunFiles, removeReport } from '../../training/workspace.ts';
import type { CommandContext } from '../command.ts';
import type { DataFlags } from '../flags/data-flags.ts';
import type { Terminal } from '../terminal.ts';
import type { TrainSetup } from './train-setup.ts';
import { writePreview } from './write-preview.ts';

/** Makes the workspace, or takes it over, and opens its metrics. */
export function openLog(
  { workspace, files, resumption }: Pick<TrainSetup, 'workspace' | 'files' | 'resumption'>,
  also: ((line: string) => void) | undefined,
): MetricsLog {
  return asOutput(workspace, { what: 'the workspace' }, () => {
    mkdirSync(workspace, { recursive: true });
    if (resumption === undefined) removeReport(files);
    return new MetricsLog(files.metrics, also);
  });
}

/** What the report shows of the data: rows, and epochs beside the original, in images of so many pixels. */
const picture = { samples: 4, versions: 5, cell: 128 } as const;

/** Draws what training will see for the report. A picture that fails is told of, and stops no training. */
export async function writeReportSamples(
  dataset: Dataset,
  flags: DataFlags,
  { samples }: RunFiles,
  { terminal, signal }: CommandContext,
): Promise<void> {
  if (flags.dataBackend === 'synthetic') return;
  // the cpu backend makes the same picture as any other
  const { gpuAdapter: _, ...rest } = flags;
  try {
    await writePreview(dataset, { ...rest, ...picture, dataBackend: 'cpu' }, samples, { signal });
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    terminal.log(`the report will show no samples: ${error.message}`);
  }
}

/** Brings the report up to date, between epochs. */
export const updateReport = (report: RunReport, terminal: Terminal): void =>
  attempt(() => report.update(), terminal);

/** Writes the report of a run that has ended, however it did. */
export function finishReport(report: RunReport, terminal: Terminal): void {
  attempt(() => {
    report.write();
    terminal.log(`report: ${report.path}`);
  }, terminal);
}

/** A report that cannot be written is told of, and stops no training. */
function attempt(write: () => void, terminal: Terminal): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    terminal.log(`no report: ${error.message}`);
  }
}
