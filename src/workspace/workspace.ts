import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DataError, ParameterError, reasonOf } from '../core/errors.ts';
import { writeWhole } from '../core/write-whole.ts';
import type { EpochClassFigures } from './class-figures.ts';
import type { Confusion } from './confusion.ts';

/** What a run writes into its workspace, beside its metrics and checkpoints. */
const files = {
  report: 'report.html',
  samples: 'samples.png',
  sheet: 'samples.json',
  confusion: 'confusion.json',
  classes: 'classes.json',
  quarantine: 'quarantine.jsonl',
} as const;

export const defaultMetricsFile = 'metrics.jsonl';

/** Paths of a run's files. */
export interface RunFiles extends Readonly<Record<keyof typeof files, string>> {
  readonly metrics: string;
}

/** @param metricsFile name of the metrics file in the workspace (`--raport-file`) */
export function runFiles(workspace: string, metricsFile: string = defaultMetricsFile): RunFiles {
  const isTaken = (Object.values(files) as string[]).includes(metricsFile);
  if (isTaken || metricsFile === '' || metricsFile === '..' || basename(metricsFile) !== metricsFile) {
    const expected = `the name of a file in the workspace, other than ${Object.values(files).join(', ')}`;
    throw new ParameterError(
      'INVALID_OPTION',
      `metricsFile (--raport-file) must be ${expected}, got '${metricsFile}'`,
    );
  }
  const { report, samples, sheet, confusion, classes, quarantine } = files;
  return {
    metrics: join(workspace, metricsFile),
    report: join(workspace, report),
    samples: join(workspace, samples),
    sheet: join(workspace, sheet),
    confusion: join(workspace, confusion),
    classes: join(workspace, classes),
    quarantine: join(workspace, quarantine),
  };
}

/** Removes what a run before this one left in the workspace, but for metrics and bad samples, which are added to. */
export function removeReport({ report, samples, sheet, confusion, classes }: RunFiles): void {
  for (const path of [report, samples, sheet, confusion, classes]) rmSync(path, { force: true });
}

export const writeConfusion = ({ confusion }: RunFiles, content: Confusion): Promise<void> =>
  writeWhole(confusion, JSON.stringify(content), { what: 'the confusion counts' });

export const writeClassFigures = ({ classes }: RunFiles, content: EpochClassFigures): Promise<void> =>
  writeWhole(classes, JSON.stringify(content), { what: 'the figures of the classes' });

/** What the run's latest evaluation took for what; undefined before the first. */
export const readConfusion = ({ confusion }: RunFiles): Confusion | undefined =>
  readKept(confusion, 'NOT_CONFUSION', 'confusion counts');

/** How well the run's latest evaluation told each class, where images may have several; else undefined. */
export const readClassFigures = ({ classes }: RunFiles): EpochClassFigures | undefined =>
  readKept(classes, 'NOT_CLASS_FIGURES', 'figures of classes');

function readKept<Content>(path: string, code: string, what: string): Content | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Content;
  } catch (cause) {
    throw new DataError(code, `${path}: no ${what}: ${reasonOf(cause)}`, { cause });
  }
}
