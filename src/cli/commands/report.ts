import type { Command } from 'commander';
import { writeReport } from '../../jobs.ts';
import { defaultMetricsFile } from '../../workspace/workspace.ts';
import { makeCommand, runCommand } from '../command.ts';

interface ReportFlags {
  readonly raportFile: string;
  readonly out?: string;
}

export function reportCommand(): Command {
  return makeCommand('report')
    .description("Write a run's report.html again from its files: curves, confusion, samples, settings.")
    .argument('<workspace>', 'folder of a run of millrace train')
    .option('--raport-file <name>', 'name of the metrics file in the workspace', defaultMetricsFile)
    .option('-o, --out <file>', 'the report (default: report.html in the workspace)')
    .addHelpText(
      'after',
      '\nExamples:\n  millrace report runs/<time>\n  millrace report runs/<time> --out report.html',
    )
    .action((workspace: string, { raportFile, out }: ReportFlags) =>
      runCommand({}, async ({ terminal }) => {
        terminal.log(`report: ${await writeReport(workspace, { metricsFile: raportFile, out })}`);
      }),
    );
}
