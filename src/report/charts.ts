import { type Chart, type Curve, chartFigure, type Point } from '../html/chart.ts';
import type { Markup } from '../html/markup.ts';
import type { RunRecord } from './run-record.ts';

/** The run's curves. A chart without a curve that says something is left out. */
export function runCharts(run: RunRecord): Markup[] {
  const { steps, stepsPerEpoch } = run;
  const charts = [
    ...[lossChart(run), accuracyChart(run), rateChart(run), scaleChart(run)],
    ...[speedChart(run), waitingChart(run)],
  ];
  return charts
    .map((chart) => ({ ...chart, curves: chart.curves.filter(({ points }) => hasValues(points)) }))
    .filter(({ curves }) => curves.length > 0)
    .map((chart) => chartFigure({ ...chart, steps, stepsPerEpoch }));
}

type RunChart = Omit<Chart, 'steps' | 'stepsPerEpoch'>;

function lossChart(run: RunRecord): RunChart {
  const steps = run.stepPoints('train.loss');
  // a trainer that does not compute any, such as `none`
  const isNothing = steps.every(({ low, high }) => low === 0 && high === 0);
  return {
    title: 'Loss',
    curves: [
      byStep('train, each step', isNothing ? [] : steps, 1),
      byEpoch('train, mean of the epoch', isNothing ? [] : run.epochPoints('train.loss'), 1),
      byEpoch('val', run.epochPoints('val.loss'), 2),
      byEpoch('val, averaged weights', run.epochPoints('val_ema.loss'), 3),
    ],
  };
}

function accuracyChart(run: RunRecord): RunChart {
  // one evaluation is no curve: its figures stand above
  const pointsOf = (name: string) => {
    const points = run.epochPoints(name);
    return points.length > 1 ? points : [];
  };
  return {
    title: 'Accuracy on val',
    unit: '%',
    reaches: 1,
    curves: [
      byEpoch('top-1', pointsOf('val.top1'), 2),
      byEpoch('mAP', pointsOf('val.mAP'), 2),
      byEpoch('mAP, averaged weights', pointsOf('val_ema.mAP'), 3),
      byEpoch('top-5', pointsOf('val.top5'), 4),
      byEpoch('top-1, averaged weights', pointsOf('val_ema.top1'), 3),
    ],
  };
}

const rateChart = (run: RunRecord): RunChart => ({
  title: 'Learning rate',
  curves: [byStep('learning rate', run.stepPoints('train.lr'), 1)],
});

const scaleChart = (run: RunRecord): RunChart => ({
  title: 'Loss scale',
  curves: [byStep('loss scale of mixed precision', run.stepPoints('train.grad_scale'), 4)],
});

function speedChart(run: RunRecord): RunChart {
  const total = run.stepPoints('train.total_ips');
  const compute = run.stepPoints('train.compute_ips');
  // where a step is hardly more than waiting, the speed of the rest tells nothing and dwarfs the other
  const isFar = largest(compute) > MOST_SPREAD * largest(total);
  return {
    title: 'Images per second',
    curves: [
      byStep('without waiting for data', isFar ? [] : compute, 3),
      byStep(isFar ? 'in all (without waiting for data: far above)' : 'in all', total, 1),
    ],
  };
}

const MOST_SPREAD = 5;

const waitingChart = (run: RunRecord): RunChart => ({
  title: 'Share of time waiting for data',
  unit: '%',
  reaches: 1,
  curves: [byStep('waiting for data', run.stepPoints('train.waiting_share'), 2)],
});

const byStep = (name: string, points: readonly Point[], color: number): Curve => ({
  name,
  points,
  color,
  of: 'steps',
});
const byEpoch = (name: string, points: readonly Point[], color: number): Curve => ({
  name,
  points,
  color,
  of: 'epochs',
});

const hasValues = (points: readonly Point[]): boolean => points.some(({ mean }) => Number.isFinite(mean));

const largest = (points: readonly Point[]): number =>
  points.reduce((most, { mean }) => (mean > most ? mean : most), 0);
