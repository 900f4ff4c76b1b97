import { availableParallelism, cpus } from 'node:os';

/** Middle value, and the lowest and highest one. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Throws RangeError when there are no values. */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) throw new RangeError('summarize: no values');
  const [low, high] = [(sorted.length - 1) >> 1, sorted.length >> 1];
  return { median: ((sorted[low] as number) + (sorted[high] as number)) / 2, min, max };
}

/**
 * Runs every contestant once a round, one after the other, each round beginning with the next one: a slow spell of the
 * machine then falls on all of them, and none always goes first. Returns the results by contestant.
 */
export async function interleave<C, R>(
  contestants: readonly C[],
  rounds: number,
  run: (contestant: C, round: number) => R | Promise<R>,
): Promise<Map<C, R[]>> {
  const results = new Map<C, R[]>(contestants.map((contestant) => [contestant, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const contestant = contestants[(round + turn) % contestants.length] as C;
      results.get(contestant)?.push(await run(contestant, round));
    }
  }
  return results;
}

/** How often a function is called before it is timed, and how often it is timed. */
export interface Repetitions {
  readonly warmup: number;
  readonly runs: number;
}

/** Milliseconds a call of each function takes, measured in turn after a warm-up. */
export async function timeCalls<Name extends string>(
  work: Readonly<Record<Name, () => unknown>>,
  { warmup, runs }: Repetitions,
): Promise<Map<Name, Summary>> {
  const names = Object.keys(work) as Name[];
  const timed = await interleave(names, warmup + runs, async (name) => {
    const start = performance.now();
    const result = work[name]();
    if (result instanceof Promise) await result;
    return performance.now() - start;
  });
  return new Map(names.map((name) => [name, summarize(timed.get(name)?.slice(warmup) ?? [])]));
}

/** The smallest setting whose median is within `tolerance`, 0..1, of the best one. Throws RangeError without points. */
export function kneeOf(
  points: readonly { readonly setting: number; readonly median: number }[],
  tolerance: number,
): number {
  const { max: best } = summarize(points.map((point) => point.median));
  const near = points.filter((point) => point.median >= best * (1 - tolerance));
  return Math.min(...near.map((point) => point.setting));
}

/** The machine in words: processor, cores, Node's version, platform. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${model}, ${availableParallelism()} cores, Node ${process.version}, ${process.platform} ${process.arch}`;
}

/** A Markdown table; every row must have as many cells as the header. Columns after the first are right-aligned. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const uneven = rows.find((row) => row.length !== header.length);
  if (uneven) throw new RangeError(`markdownTable: ${uneven.length} cells under ${header.length} headings`);
  const widths = header.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => (row[column] as string).length)),
  );
  const pad = (cell: string, column: number): string => {
    const width = widths[column] as number;
    return column === 0 ? cell.padEnd(width) : cell.padStart(width);
  };
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  const lines = [header.map(pad), rule, ...rows.map((row) => row.map(pad))];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}
