import type { Bottleneck } from '../engine/run/bottleneck.ts';
import type { Best } from '../training/run-state.ts';
import type { EpochReport, TrainStepReport } from '../training/step-report.ts';
import type { TrainingStart, ValidationEvent } from '../training/training-event.ts';
import type { TrainingResult } from '../training/training-result.ts';
import {
  describeAccuracy,
  describeBadSamples,
  describeDigests,
  describeLimit,
  describeMemory,
  nameOfLimit,
  percent,
  threeDigits,
} from './figures.ts';

/** What is known of an epoch that has ended. */
export interface EndedEpoch {
  /** From 0. */
  readonly epoch: number;
  /** Undefined where this run made none of its steps, or not all. */
  readonly report: EpochReport | undefined;
  readonly evaluations: readonly ValidationEvent[];
}

export function describeDataset({ dataset, batchSize, workspace, samplesPerEpoch }: TrainingStart): string[] {
  const { name, length, classes } = dataset;
  const leftOut = length % batchSize;
  const reason = `they do not fill a batch of ${batchSize} (choose another --batch-size)`;
  const few = `${leftOut} of ${length} images are left out of each epoch, others each time: ${reason}`;
  return [
    `${name}: ${length} images, ${classes.length} classes -> ${workspace}`,
    ...(leftOut / length < 0.05 || samplesPerEpoch !== undefined ? [] : [few]),
  ];
}

/** How steps are shared, in a line; undefined where they are not. */
export function describeParts({ batchSize, parts, ranks }: TrainingStart): string | undefined {
  if (parts === 1) return undefined;
  const step = `a step is the sum of ${parts} parts of ${batchSize / parts} images`;
  return ranks === 1 ? `${step}, on one rank` : `${ranks} ranks: ${step}`;
}

/** People count epochs from 1. */
export const epochName = (epoch: number, { epochs }: Pick<TrainingStart, 'epochs'>): string =>
  `epoch ${epoch + 1}/${epochs}`;

export const describeStep = (step: TrainStepReport): string =>
  [describeLearning(step), describeSpeed(step)].join(' | ');

/** An epoch in one line: how it went, and how fast. */
export function describeEpoch({ epoch, report, evaluations }: EndedEpoch, start: TrainingStart): string {
  return [
    epochName(epoch, start),
    report && describeLearning(report),
    report && describeScale(report),
    ...evaluations.map((evaluation) => describeValidation(evaluation, start.model.classes)),
    report && describeSpeed(report),
  ]
    .filter((part) => part !== undefined)
    .join(' | ');
}

const describeLearning = ({ loss, learningRate }: Pick<TrainStepReport, 'loss' | 'learningRate'>): string =>
  `loss ${threeDigits(loss)} | lr ${Number(learningRate.toPrecision(3))}`;

/** In mixed precision alone. */
function describeScale({ lossScale }: EpochReport): string | undefined {
  if (lossScale === undefined) return undefined;
  const { scale, skipped } = lossScale;
  const updates = skipped === 1 ? '1 update' : `${skipped} updates`;
  return `loss scale ${scale}${skipped > 0 ? `, ${updates} skipped` : ''}`;
}

const describeSpeed = (
  { imagesPerSecond, waitingShare }: Pick<TrainStepReport, 'imagesPerSecond' | 'waitingShare'>,
  between = ' | ',
): string => `${imagesPerSecond.toFixed(0)} images/s${between}waited ${percent(waitingShare)} for data`;

const describeValidation = (evaluation: ValidationEvent, classes: number): string =>
  `${evaluation.name === 'val' ? 'val' : 'averaged weights'} ${describeAccuracy(evaluation, classes)}`;

/** Waiting that is not worth a line, as a share of the time. */
const LITTLE_WAITING = 0.1;

/** Which part of the data side keeps training waiting, in a line; undefined where none does to speak of. */
export function limitOfData(limits: Bottleneck): { name: string; line: string } | undefined {
  if (limits.limit === 'consumer' || limits.waiting < LITTLE_WAITING) return undefined;
  return { name: nameOfLimit(limits), line: `data limit training, ${describeLimit(limits)}` };
}

export function describeEnd(result: TrainingResult, quarantine: string | undefined): string[] {
  const { summary, badSamples, memoryBound, digests } = result;
  if (summary === undefined) return [describeVerdict(result) as string];
  const { steps, images, seconds, memoryGrowth } = summary;
  const bad = describeBadSamples(badSamples, quarantine);
  return [
    describeVerdict(result),
    `trained ${steps} steps, ${images} images in ${seconds.toFixed(1)} s: ${describeSpeed(summary, ', ')}`,
    describeMemory(memoryGrowth, memoryBound),
    bad && `train: ${bad}`,
    digests && describeDigests(digests),
  ].filter((line) => line !== undefined);
}

const scoreInWords = ({ top1, mAP }: Pick<Best, 'top1' | 'mAP'>): string =>
  mAP === undefined ? `top-1 ${percent(top1)}` : `mAP ${percent(mAP)}`;

/** Why training ended before its last epoch, or had nothing to do. */
function describeVerdict({ hasStoppedEarly, best, summary, epochs }: TrainingResult): string | undefined {
  if (hasStoppedEarly && best)
    return `stopped early: no epoch was better than epoch ${best.epoch + 1}, ${scoreInWords(best)}`;
  return summary === undefined
    ? `nothing is left to train: ${epochs.done} of ${epochs.planned} epochs are done`
    : undefined;
}
