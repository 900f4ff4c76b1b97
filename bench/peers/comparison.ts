import { reasonOf } from '../../src/core/errors.ts';
import { type LoaderRun, runLoader } from '../loader-process.ts';
import { interleave, markdownTable, type Summary, summarize } from '../measure.ts';
import { type Contestant, hasPolicy, isInstalled, processFor, type Work } from './contestants.ts';

/** One loader on one work: what was measured, or why nothing was. */
export interface Outcome {
  readonly name: string;
  /** Name and version of what the loader is made of. */
  readonly made: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly missing?: 'not installed' | 'no such policy' | 'failed';
  readonly measured?: Measured;
}

export interface Measured {
  readonly imagesPerSecond: Summary;
  readonly secondsToFirstBatch: Summary;
  /** Peak memory of all its processes, the largest of the rounds. */
  readonly peakBytes: number | undefined;
  /** Processor time an image, of all its processes. */
  readonly processorMs: Summary | undefined;
  /** Type and shape of a batch. */
  readonly output: string;
  readonly mean: number;
  readonly images: number;
}

/** Runs the contestants in turn, round after round. A peer that fails says so on stderr and is left out. */
export async function compare(
  contestants: readonly Contestant[],
  work: Work,
  rounds: number,
): Promise<Outcome[]> {
  const absent = new Map(contestants.map((contestant) => [contestant, reasonToSkip(contestant, work)]));
  const present = contestants.filter((contestant) => absent.get(contestant) === undefined);
  const results = await interleave(present, rounds, async (contestant, round) => {
    if (absent.get(contestant) === 'failed') return undefined;
    try {
      const run = await runLoader(processFor(contestant, work));
      log(
        `round ${round + 1}: ${contestant.name}: ${run.imagesPerSecond.map((x) => x.toFixed(0)).join(', ')}`,
      );
      return run;
    } catch (error) {
      log(`${contestant.name}: ${reasonOf(error)}`);
      absent.set(contestant, 'failed');
      return undefined;
    }
  });
  return contestants.map((contestant) => {
    const runs = (results.get(contestant) ?? []).filter((run) => run !== undefined);
    return outcomeOf(contestant, absent.get(contestant), runs);
  });
}

const log = (line: string): void => void process.stderr.write(`${line}\n`);

function reasonToSkip(contestant: Contestant, { policy }: Work): Outcome['missing'] {
  if (!hasPolicy(contestant, policy)) return 'no such policy';
  return isInstalled(contestant) ? undefined : 'not installed';
}

function outcomeOf(
  { name, made }: Contestant,
  missing: Outcome['missing'],
  runs: readonly LoaderRun[],
): Outcome {
  const first = runs[0];
  const versions = first?.versions ?? {};
  const ofWhat = Object.fromEntries(made.map((part) => [part, versions[part] ?? '']));
  if (missing !== undefined || first === undefined)
    return { name, made: {}, versions, missing: missing ?? 'failed' };
  return { name, made: ofWhat, versions, measured: measuredOf(first, runs) };
}

function measuredOf(first: LoaderRun, runs: readonly LoaderRun[]): Measured {
  const peaks = runs.map((run) => run.peakBytes).filter((bytes) => bytes !== undefined);
  const processor = runs.map((run) => run.processorMs).filter((milliseconds) => milliseconds !== undefined);
  return {
    imagesPerSecond: summarize(runs.flatMap((run) => run.imagesPerSecond)),
    secondsToFirstBatch: summarize(runs.map((run) => run.secondsToFirstBatch)),
    peakBytes: peaks.length === 0 ? undefined : Math.max(...peaks),
    processorMs: processor.length === 0 ? undefined : summarize(processor),
    output: `${first.dtype} ${first.shape.join('x')}`,
    mean: first.mean,
    images: first.images,
  };
}

/**
 * Complaints about loaders that did not do the same work as the first: other images an epoch, another number of elements
 * a batch, or a mean further off than chance. Crops are drawn at random, so that the means of two loaders differ by
 * chance; four standard errors of images whose own means spread by 0.7 are allowed, for each of the two.
 */
export function findUnequalWork(outcomes: readonly Outcome[]): string[] {
  const done = outcomes.flatMap(({ name, measured }) => (measured ? [{ name, measured }] : []));
  const reference = done[0]?.measured;
  if (reference === undefined) return [];
  const tolerance = (4 * 0.7 * Math.SQRT2) / Math.sqrt(reference.images);
  return done.flatMap(({ name, measured }) => {
    const { images, mean, output } = measured;
    const complaints: string[] = [];
    if (images !== reference.images) complaints.push(`${images} images an epoch, not ${reference.images}`);
    if (elementsOf(output) !== elementsOf(reference.output)) complaints.push(`batches of ${output}`);
    if (!(Math.abs(mean - reference.mean) <= tolerance))
      complaints.push(
        `mean ${mean.toFixed(3)}, not ${reference.mean.toFixed(3)} within ${tolerance.toFixed(3)}`,
      );
    return complaints.map((complaint) => `${name}: ${complaint}`);
  });
}

/** 'float16 64x224x224x3' -> 9633792. */
const elementsOf = (output: string): number =>
  (output.split(' ')[1] as string).split('x').reduce((product, length) => product * Number(length), 1);

/** One row a loader. `own`: the loaders of ours that every row is compared with. */
export function comparisonTable(outcomes: readonly Outcome[], own: readonly string[]): string {
  const ours = outcomes.filter(({ name }) => own.includes(name));
  const ratioHeadings = ours.map(({ name }) => `${name} is`);
  const header = ['loader', 'version', 'images/s', 'min..max', ...ratioHeadings];
  const rest = ['CPU ms/image', 's to first batch', 'peak MB', 'output', 'mean'];
  const rows = outcomes.map(({ name, made, missing, measured }) => {
    const version = Object.entries(made).map((part) => part.join(' '));
    if (measured === undefined)
      return [name, '', missing ?? '', ...Array(header.length - 3 + rest.length).fill('')];
    const { imagesPerSecond, secondsToFirstBatch, peakBytes, processorMs, output, mean } = measured;
    const { median, min, max } = imagesPerSecond;
    const ratios = ours.map((own) => (own.name === name ? '' : ratio(own, median)));
    const speed = [median.toFixed(0), `${min.toFixed(0)}..${max.toFixed(0)}`];
    const peak = peakBytes === undefined ? '' : (peakBytes / 1e6).toFixed(0);
    const wait = secondsToFirstBatch.median.toFixed(2);
    const processor = processorMs?.median.toFixed(2) ?? '';
    return [name, version.join(', '), ...speed, ...ratios, processor, wait, peak, output, mean.toFixed(3)];
  });
  return markdownTable([...header, ...rest], rows);
}

const ratio = ({ measured }: Outcome, speed: number): string =>
  measured === undefined ? '' : `${(measured.imagesPerSecond.median / speed).toFixed(2)}x`;

/** 'dali 2.4.0, python 3.11.7, ...', each name once. */
export function describeVersions(outcomes: readonly Outcome[]): string {
  const versions = outcomes.flatMap((outcome) => Object.entries(outcome.versions));
  return [...new Set(versions.map((part) => part.join(' ')))].sort().join(', ');
}
