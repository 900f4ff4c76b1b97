import type { Point } from '../html/chart.ts';
import { saysTop5 } from '../workspace/class-figures.ts';
import type { MetricsRecord } from '../workspace/metrics-reader.ts';
import type { OutlierRecord } from '../workspace/outlier-record.ts';
import { EpochRows } from './epoch-rows.ts';
import { Series } from './series.ts';

/** Time of a step by which its values count in a mean over steps; with 'none' all count alike. */
type StepWeight = 'all' | 'compute' | 'none';

/** Metrics of steps that become curves, and which of the step's times is the weight in a mean over steps. */
const stepCurves: Readonly<Record<string, StepWeight>> = {
  'train.loss': 'none',
  'train.lr': 'none',
  'train.total_ips': 'all',
  'train.compute_ips': 'compute',
  'train.waiting_share': 'all',
  'train.grad_scale': 'none',
};

/** Metrics of epochs that become curves. */
const epochCurves = [
  ...['train.loss', 'val.loss', 'val.top1', 'val.top5', 'val_ema.top1', 'val_ema.loss'],
  ...['val.mAP', 'val_ema.mAP'],
];

const MOST_NAMED = 10;

/** The samples of highest loss of an epoch, of so many images. */
export interface RunOutliers {
  readonly epoch: number;
  readonly images: number;
  readonly samples: readonly OutlierRecord[];
}

/** Adds a record to the run; returns the run it belongs to: `run.started` begins a new one in the same file. */
export function addRecord(run: RunRecord, record: MetricsRecord): RunRecord {
  const its = 'run.started' in record ? new RunRecord() : run;
  its.add(record);
  return its;
}

/**
 * What a run's metrics say, in bounded room, whatever their number. Steps that were made before, and are made again
 * after a run was resumed, take the place of the former.
 */
export class RunRecord {
  /** Values under `run.*`, and digests, by their names. */
  readonly facts = new Map<string, unknown>();
  readonly epochs = new EpochRows();
  /** Samples that others replaced: how many, and the first of them. */
  readonly substitutions = { count: 0, keys: [] as string[] };
  /** What the run told of itself, each once. */
  readonly warnings = new Set<string>();
  /** The latest, where the run lists them. */
  outliers: RunOutliers | undefined;
  /** Steps with a loss that is no finite number: how many, and the first. */
  readonly lost: { count: number; first: number | undefined } = { count: 0, first: undefined };
  /** Steps of the run so far. */
  steps = 0;
  /** Known once an epoch has ended. */
  stepsPerEpoch: number | undefined;
  readonly totals = { images: 0, seconds: 0, waitingSeconds: 0 };
  readonly #steps = new Map<string, Series>();
  readonly #epochs = new Map<string, Series>();

  /** A step's metric as a curve, images per second as a true mean over time; empty where it was never written. */
  stepPoints(name: string): Point[] {
    return this.#steps.get(name)?.points ?? [];
  }

  epochPoints(name: string): Point[] {
    return this.#epochs.get(name)?.points ?? [];
  }

  add(record: MetricsRecord): void {
    const { step, epoch, substituted, 'run.warning': warning } = record;
    for (const [name, value] of Object.entries(record))
      if (name.startsWith('run.') || name.endsWith('.digest')) this.facts.set(name, value);
    if (typeof warning === 'string' && this.warnings.size < MOST_NAMED) this.warnings.add(warning);
    if (typeof step === 'number') this.#addStep(step, record);
    else if (Array.isArray(record['outliers'])) this.outliers = outliersOf(record);
    else if (typeof epoch === 'number') this.#addEpoch(epoch, this.#telling(record));
    else if (typeof substituted === 'object') this.#addSubstitution(substituted);
  }

  #addStep(step: number, record: MetricsRecord): void {
    if (step < this.steps) this.#rewind(step);
    this.steps = step + 1;
    const times = timesOf(record);
    for (const [name, weight] of Object.entries(stepCurves))
      if (name in record) seriesOf(this.#steps, name).add(step, numberOf(record[name]), times[weight]);
    if ('train.loss' in record && !Number.isFinite(numberOf(record['train.loss']))) {
      this.lost.count++;
      this.lost.first ??= step;
    }
    this.#addTimes(record);
  }

  #addTimes(record: MetricsRecord): void {
    const seconds = secondsOf(record);
    if (!(seconds > 0)) return;
    this.totals.seconds += seconds;
    this.totals.waitingSeconds += numberOf(record['train.data_time']);
    this.totals.images += Math.round(numberOf(record['train.total_ips']) * seconds);
  }

  #addEpoch(epoch: number, record: MetricsRecord): void {
    if ('train.loss' in record) this.stepsPerEpoch = Math.round(this.steps / (epoch + 1));
    this.epochs.add(epoch, record);
    for (const name of epochCurves)
      if (name in record) seriesOf(this.#epochs, name).add(this.steps, numberOf(record[name]));
  }

  /** Without what says nothing: of few classes, the right one is nearly always among five guesses. */
  #telling(record: MetricsRecord): MetricsRecord {
    const classes = this.facts.get('run.classes');
    if (typeof classes !== 'number' || saysTop5(classes)) return record;
    return Object.fromEntries(Object.entries(record).filter(([name]) => !name.endsWith('.top5')));
  }

  #addSubstitution(substituted: unknown): void {
    this.substitutions.count++;
    const key = (substituted as { key?: unknown } | null)?.key;
    if (this.substitutions.keys.length < MOST_NAMED) this.substitutions.keys.push(String(key));
  }

  #rewind(step: number): void {
    for (const series of this.#steps.values()) series.rewind(step);
    if (this.lost.first !== undefined && this.lost.first >= step) {
      this.lost.count = 0;
      this.lost.first = undefined;
    }
    if (this.outliers?.samples.some((sample) => sample.step >= step)) this.outliers = undefined;
    // an epoch's values stand after its last step
    for (const series of this.#epochs.values()) series.rewind(step + 1);
    if (this.stepsPerEpoch !== undefined) this.epochs.rewind(Math.floor(step / this.stepsPerEpoch));
  }
}

const outliersOf = (record: MetricsRecord): RunOutliers => ({
  epoch: numberOf(record['epoch']),
  images: numberOf(record['outliers.images']),
  samples: record['outliers'] as readonly OutlierRecord[],
});

const secondsOf = (record: MetricsRecord): number =>
  numberOf(record['train.data_time']) + numberOf(record['train.compute_time']);

/** Weights of a step's values; the same for all where its times were not written. */
function timesOf(record: MetricsRecord): Record<StepWeight, number> {
  const all = secondsOf(record);
  if (Number.isNaN(all)) return { all: 1, compute: 1, none: 1 };
  return { all, compute: numberOf(record['train.compute_time']), none: 1 };
}

/** A metric's value: JSON has no number for what is not finite, and writes null. */
export const numberOf = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN);

function seriesOf(all: Map<string, Series>, name: string): Series {
  const series = all.get(name) ?? new Series();
  all.set(name, series);
  return series;
}
