import type { EpochReport, StepReport } from '../training/step-report.ts';
import type { TrainingEvent, TrainingStart, ValidationEvent } from '../training/training-event.ts';
import type { TrainingResult } from '../training/training-result.ts';
import type { EpochOutliers } from '../workspace/outliers.ts';
import {
  describeBadSamples,
  describeDigests,
  describeEvaluation,
  describeLimit,
  describeMemory,
  percent,
} from './figures.ts';
import { describeAdapter } from './gpu-figures.ts';
import { outlierLines } from './outlier-table.ts';
import type { Progress, Terminal } from './terminal.ts';

/** Prints a training's events for people. */
export class TrainingPrinter {
  readonly #terminal: Terminal;
  readonly #printEvery: number | undefined;
  #start: TrainingStart | undefined;
  #progress: Progress | undefined;
  #checkpoint: string | undefined;
  #report: string | undefined;

  /** @param printEvery steps from one line of progress to the next; undefined: by the clock */
  constructor(terminal: Terminal, printEvery: number | undefined) {
    this.#terminal = terminal;
    this.#printEvery = printEvery;
  }

  print(event: TrainingEvent): void {
    switch (event.type) {
      case 'start':
        this.#begin(event);
        break;
      case 'step':
        this.#progress?.update(event.step + 1, describeStep(event));
        break;
      case 'epoch':
        this.#log(describeEpoch(event));
        break;
      case 'evaluation':
        this.#logEvaluation(event);
        break;
      case 'outliers':
        this.#logOutliers(event);
        break;
      case 'warning':
        this.#log(event.message);
        break;
      case 'checkpoint':
        this.#checkpoint = event.path;
        break;
      case 'report':
        this.#report = event.path;
        break;
      case 'end':
        this.#end(event);
        break;
    }
  }

  /** Says what there is, when training has ended, however it did. */
  stop(): void {
    this.#stopProgress();
    if (this.#report !== undefined) this.#terminal.log(`report: ${this.#report}`);
  }

  #begin(start: TrainingStart): void {
    this.#start = start;
    if (start.gpu) this.#log(`GPU adapter: ${describeAdapter(start.gpu)}`);
    for (const line of describeDataset(start)) this.#log(line);
    if (start.notEvaluated !== undefined) this.#log(`${start.notEvaluated}: not evaluated`);
    this.#progress = this.#terminal.progress(start.steps, 'train', this.#printEvery);
  }

  #end(result: TrainingResult): void {
    this.#stopProgress();
    for (const line of describeEnd(result, this.#start?.quarantine)) this.#terminal.log(line);
  }

  #stopProgress(): void {
    this.#progress?.stop();
    if (this.#progress && this.#checkpoint !== undefined)
      this.#terminal.log(`checkpoint: ${this.#checkpoint}`);
    this.#progress = undefined;
  }

  /** Above the bar, where there is one. */
  #log(line: string): void {
    (this.#progress ?? this.#terminal).log(line);
  }

  #logEvaluation(event: ValidationEvent): void {
    this.#log(describeEvaluation(event, event.name));
    const bad = describeBadSamples(event.badSamples, this.#start?.quarantine);
    if (bad !== undefined && event.name === 'val') this.#log(`val: ${bad}`);
  }

  #logOutliers(epoch: EpochOutliers): void {
    if (this.#start === undefined) return;
    const { dataset, files } = this.#start;
    for (const line of outlierLines(epoch, dataset.classes, files.metrics)) this.#log(line);
  }
}

function describeDataset({ dataset, batchSize, workspace }: TrainingStart): string[] {
  const { name, length, classes } = dataset;
  const leftOut = length % batchSize;
  const reason = `they do not fill a batch of ${batchSize} (choose another --batch-size)`;
  const few = `${leftOut} of ${length} images are left out of each epoch, others each time: ${reason}`;
  return [
    `${name}: ${length} images, ${classes.length} classes -> ${workspace}`,
    ...(leftOut / length < 0.05 ? [] : [few]),
  ];
}

function describeStep({ epoch, loss, learningRate, imagesPerSecond, waitingShare }: StepReport): string {
  return [
    `epoch ${epoch}`,
    `loss ${loss.toFixed(4)}`,
    `lr ${learningRate.toPrecision(3)}`,
    `${imagesPerSecond.toFixed(0)} images/s`,
    `waiting for data ${percent(waitingShare)}`,
  ].join(' | ');
}

const describeEpoch = ({ epoch, limits }: EpochReport): string =>
  `epoch ${epoch}, data: ${describeLimit(limits)}`;

function describeEnd(result: TrainingResult, quarantine: string | undefined): string[] {
  const { summary, badSamples, memoryBound, digests } = result;
  if (summary === undefined) return [describeVerdict(result) as string];
  const { steps, images, seconds, imagesPerSecond, waitingShare, memoryGrowth } = summary;
  const speed = `${imagesPerSecond.toFixed(0)} images/s`;
  const waiting = `waiting for data ${percent(waitingShare)} of the time`;
  const bad = describeBadSamples(badSamples, quarantine);
  return [
    describeVerdict(result),
    `trained ${steps} steps, ${images} images in ${seconds.toFixed(1)} s: ${speed}, ${waiting}`,
    describeMemory(memoryGrowth, memoryBound),
    bad && `train: ${bad}`,
    digests && describeDigests(digests),
  ].filter((line) => line !== undefined);
}

/** Why training ended before its last epoch, or had nothing to do. */
function describeVerdict({ hasStoppedEarly, best, summary, epochs }: TrainingResult): string | undefined {
  if (hasStoppedEarly && best)
    return `stopped early: no epoch was better than ${best.epoch}, top-1 ${percent(best.top1)}`;
  return summary === undefined
    ? `nothing is left to train: ${epochs.done} of ${epochs.planned} epochs are done`
    : undefined;
}
