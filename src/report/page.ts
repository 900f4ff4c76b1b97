import { htmlDocument } from '../html/document.ts';
import { element, type Markup, section, verbatim } from '../html/markup.ts';
import { style } from '../html/style.ts';
import { classFigures, type EpochClassFigures } from '../workspace/class-figures.ts';
import type { Confusion } from '../workspace/confusion.ts';
import type { SheetRow } from '../workspace/sample-sheet.ts';
import { runCharts } from './charts.ts';
import { classTable } from './class-table.ts';
import { confusionTable } from './confusion-table.ts';
import { epochTable } from './epoch-table.ts';
import { configurationTable, factTables } from './facts.ts';
import { hoverScript } from './hover.ts';
import { outlierTable } from './outlier-table.ts';
import type { RunRecord } from './run-record.ts';
import { sampleGrid } from './sample-grid.ts';
import { describeProgress, summaryTiles, warnings } from './summary.ts';

/** All that a report shows, as plain data. */
export interface ReportContent {
  readonly title: string;
  readonly run: RunRecord;
  /** Path of the run's metrics, for commands that read them. */
  readonly metrics: string;
  readonly confusion: Confusion | undefined;
  /** Where images may have several classes. */
  readonly classes?: EpochClassFigures | undefined;
  readonly samples: readonly SheetRow[] | undefined;
}

/** A run as one HTML file, well-formed XML too, that needs no other file and no network, and no script to be read. */
export function reportPage({ title, run, metrics, confusion, classes, samples }: ReportContent): string {
  return htmlDocument(
    { title, style, hasScript: true },
    element('header', {}, element('h1', {}, title), element('p', {}, describeProgress(run))),
    warnings(run),
    summaryTiles(run),
    charts(run),
    confusion &&
      section(
        onVal('Confusion', confusion.epoch),
        confusionTable(confusion),
        classTable(classFigures(confusion)),
      ),
    classes && section(onVal('Classes', classes.epoch), classTable(classes.classes)),
    samples && section('What training sees', sampleGrid(samples)),
    run.outliers &&
      section(`Highest losses of epoch ${run.outliers.epoch}`, outlierTable(run.outliers, metrics)),
    section('Configuration', configurationTable(run)),
    factTables(run).map(([name, table]) => section(name, table)),
    element('script', {}, verbatim(hoverScript)),
  );
}

function charts(run: RunRecord): Markup {
  const figures = runCharts(run);
  const content = figures.length > 0 ? element('div', { class: 'charts' }, figures) : 'No steps yet.';
  return section('Curves', content, epochTable(run));
}

/** Tells a number of epochs, since the console counts epochs from 1 and the metrics from 0. */
function onVal(what: string, epoch: number | undefined): string {
  if (epoch === undefined) return `${what} on val`;
  return epoch === 0 ? `${what} on val, after 1 epoch` : `${what} on val, after ${epoch + 1} epochs`;
}
