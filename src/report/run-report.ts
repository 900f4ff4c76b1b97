import { basename, dirname, resolve } from 'node:path';
import { writeWhole } from '../core/write-whole.ts';
import { MetricsReader } from '../workspace/metrics-reader.ts';
import { readSheet } from '../workspace/sample-sheet.ts';
import { type RunFiles, readClassFigures, readConfusion } from '../workspace/workspace.ts';
import { reportPage } from './page.ts';
import { addRecord, RunRecord } from './run-record.ts';

/** Reports take at most one part in so many of a run's time. */
const SHARE_OF_TIME = 20;

/** report.html of a run, made from the run's files. */
export class RunReport {
  readonly #files: RunFiles;
  readonly #metrics: MetricsReader;
  #run = new RunRecord();
  #restUntil = 0;

  constructor(files: RunFiles) {
    this.#files = files;
    this.#metrics = new MetricsReader(files.metrics);
  }

  get path(): string {
    return this.#files.report;
  }

  /** Writes the report, unless one was written just before: epochs may be shorter than it takes. */
  async update(): Promise<void> {
    if (performance.now() >= this.#restUntil) await this.write();
  }

  /** Writes the report from what the run's files say by now. */
  async write(path: string = this.path): Promise<void> {
    const start = performance.now();
    for (const record of this.#metrics.read()) this.#run = addRecord(this.#run, record);
    const page = reportPage({
      title: this.#title,
      run: this.#run,
      metrics: this.#files.metrics,
      confusion: readConfusion(this.#files),
      classes: readClassFigures(this.#files),
      samples: readSheet(this.#files),
    });
    await writeWhole(path, page, { what: 'the report' });
    const end = performance.now();
    this.#restUntil = end + SHARE_OF_TIME * (end - start);
  }

  get #title(): string {
    const { arch } = (this.#run.facts.get('run.flags') ?? {}) as { arch?: string };
    const workspace = basename(dirname(resolve(this.#files.metrics)));
    return arch === undefined ? workspace : `${arch}, ${workspace}`;
  }
}
