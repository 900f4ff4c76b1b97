import { describeTrainer } from '../trainers/describe-trainer.ts';
import type { TrainStepReport } from '../training/step-report.ts';
import type { TrainingEvent, TrainingStart, ValidationEvent } from '../training/training-event.ts';
import type { TrainingResult } from '../training/training-result.ts';
import type { EpochOutliers } from '../workspace/outliers.ts';
import { describeBadSamples, describeLargeImages, describeQuantization } from './figures.ts';
import { describeAdapter } from './gpu-figures.ts';
import { outlierLines } from './outlier-table.ts';
import { SkippedUpdates } from './skipped-updates.ts';
import type { Progress, Terminal } from './terminal.ts';
import {
  describeDataset,
  describeEnd,
  describeEpoch,
  describeParts,
  describeStep,
  type EndedEpoch,
  epochName,
  limitOfData,
} from './training-lines.ts';

export interface PrintingOptions {
  /** Steps from one line of progress to the next; undefined: by the clock. */
  readonly printFreq?: number | undefined;
  /** Prints no line for an epoch that is not evaluated: a hundred short ones would hide what matters. */
  readonly onlyEvaluated?: boolean | undefined;
}

/** What is printed of an epoch once it has been evaluated and saved. */
interface PendingEpoch extends EndedEpoch {
  /** Lines that follow its own. */
  readonly more: readonly string[];
}

/** Prints a training's events for people. */
export class TrainingPrinter {
  readonly #terminal: Terminal;
  readonly #options: PrintingOptions;
  #start: TrainingStart | undefined;
  /** Within an epoch. */
  #progress: Progress | undefined;
  #compiling: Progress | undefined;
  #calibrating: Progress | undefined;
  /** Of the epoch in hand. */
  #steps = 0;
  #pending: PendingEpoch | undefined;
  #limit: string | undefined;
  readonly #skipped = new SkippedUpdates();
  #hasAdvised = false;
  #checkpoint: string | undefined;
  #report: string | undefined;

  constructor(terminal: Terminal, options: PrintingOptions = {}) {
    this.#terminal = terminal;
    this.#options = options;
  }

  print(event: TrainingEvent): void {
    switch (event.type) {
      case 'start':
        this.#begin(event);
        break;
      case 'step':
        this.#addStep(event);
        break;
      case 'compile':
        this.#showCompiling(event.done, event.total);
        break;
      case 'calibration':
        this.#showCalibration(event.done, event.total);
        break;
      case 'epoch':
        this.#pending = { epoch: event.epoch, report: event, evaluations: [], more: [] };
        break;
      case 'evaluation':
        this.#addEvaluation(event);
        break;
      case 'outliers':
        this.#addOutliers(event);
        break;
      case 'warning':
        this.#log(event.message);
        break;
      case 'checkpoint':
        this.#checkpoint = event.path;
        if (event.epoch !== undefined) this.#endEpoch();
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
    this.#stopSteps();
    this.#calibrating?.stop();
    if (this.#report !== undefined) this.#terminal.log(`report: ${this.#report}`);
  }

  #begin(start: TrainingStart): void {
    this.#start = start;
    this.#steps = start.firstBatch;
    if (start.gpu) this.#log(`GPU adapter: ${describeAdapter(start.gpu)}`);
    const trainer = describeTrainer(start.precision, start.environment);
    if (trainer !== undefined) this.#log(trainer);
    const parts = describeParts(start);
    if (parts !== undefined) this.#log(parts);
    for (const line of describeDataset(start)) this.#log(line);
    if (start.quantization) this.#log(describeQuantization(start.quantization));
    if (start.notEvaluated !== undefined) this.#log(`${start.notEvaluated}: not evaluated`);
  }

  /** A bar of its own: the first step waits for it. */
  #showCompiling(done: number, total: number): void {
    if (done === 0) this.#log(`compiling ${total} shaders`);
    this.#compiling ??= this.#terminal.progress(total, 'compiling shaders');
    this.#compiling.update(done, '');
    if (done < total) return;
    this.#compiling.stop();
    this.#compiling = undefined;
  }

  #showCalibration(done: number, total: number): void {
    this.#calibrating ??= this.#terminal.progress(total, 'calibrating');
    this.#calibrating.update(done, `batch ${done} of ${total}`);
    if (done < total) return;
    this.#calibrating.stop();
    this.#calibrating = undefined;
  }

  #addStep(step: TrainStepReport): void {
    if (this.#pending) this.#endEpoch();
    if (this.#start === undefined) return;
    const { batchesPerEpoch } = this.#start;
    const name = epochName(step.epoch, this.#start);
    this.#progress ??= this.#terminal.progress(batchesPerEpoch, name, this.#options.printFreq);
    this.#progress.update(++this.#steps, describeStep(step));
    const skipped = this.#skipped.add(step);
    if (skipped !== undefined) this.#log(skipped);
  }

  #addEvaluation(event: ValidationEvent): void {
    // an epoch of which this run made no step, or not all, is evaluated too
    const { evaluations, ...pending } = this.#pending ?? {
      ...{ epoch: event.epoch, report: undefined, evaluations: [], more: [] },
    };
    this.#pending = { ...pending, evaluations: [...evaluations, event] };
    const bad = describeBadSamples(event.badSamples, this.#start?.quarantine);
    if (bad !== undefined && event.name === 'val') this.#logAfterEpoch([`val: ${bad}`]);
  }

  #addOutliers(epoch: EpochOutliers): void {
    if (this.#start === undefined) return;
    const { dataset, files } = this.#start;
    this.#logAfterEpoch(outlierLines(epoch, dataset.classes, files.metrics));
  }

  /** All is known of the epoch, or nothing more will be. */
  #endEpoch(): void {
    const { more = [], ...epoch } = this.#pending ?? {};
    this.#pending = undefined;
    this.#progress?.stop();
    this.#progress = undefined;
    this.#steps = 0;
    if (!('epoch' in epoch) || this.#start === undefined) return;
    const isShown = !this.#options.onlyEvaluated || epoch.evaluations.length > 0;
    if (isShown) this.#log(describeEpoch(epoch, this.#start));
    this.#logLimit(epoch);
    for (const line of more) this.#log(line);
  }

  /** Says what limits once, until something else does; what to do about large images once for all. */
  #logLimit({ report }: EndedEpoch): void {
    if (report === undefined) return;
    const limit = limitOfData(report.limits);
    if (limit !== undefined && limit.name !== this.#limit) this.#log(limit.line);
    this.#limit = limit?.name;
    const advice = limit && describeLargeImages(report.limits);
    if (advice !== undefined && !this.#hasAdvised) this.#log(advice);
    this.#hasAdvised ||= advice !== undefined;
  }

  #end(result: TrainingResult): void {
    this.#stopSteps();
    for (const line of describeEnd(result, this.#start?.quarantine)) this.#terminal.log(line);
  }

  #stopSteps(): void {
    this.#endEpoch();
    if (this.#checkpoint !== undefined) this.#terminal.log(`checkpoint: ${this.#checkpoint}`);
    this.#checkpoint = undefined;
  }

  #logAfterEpoch(lines: readonly string[]): void {
    if (this.#pending) this.#pending = { ...this.#pending, more: [...this.#pending.more, ...lines] };
    else for (const line of lines) this.#log(line);
  }

  /** Above the bar, where there is one. */
  #log(line: string): void {
    (this.#progress ?? this.#terminal).log(line);
  }
}
