import { checkOptions, text } from '../streams/option-checks.ts';
import { defaultMetricsFile, runFiles } from '../workspace/workspace.ts';
import { RunReport } from './run-report.ts';

export interface ReportOptions {
  /** Name of the metrics in the workspace. Default 'metrics.jsonl'. */
  readonly metricsFile?: string;
  /** Where the report goes. Default: `report.html` in the workspace. */
  readonly out?: string | undefined;
}

/** Makes a run's report from its files, as one HTML page: curves, confusion, what training saw, settings. Resolves to its path. */
export async function writeReport(workspace: string, options: ReportOptions = {}): Promise<string> {
  text('writeReport: workspace', workspace);
  checkOptions('writeReport', options, { metricsFile: text, out: text }, []);
  const { metricsFile = defaultMetricsFile, out } = options;
  const report = new RunReport(runFiles(workspace, metricsFile));
  await report.write(out);
  return out ?? report.path;
}
