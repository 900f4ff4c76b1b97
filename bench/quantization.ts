/**
 * `npm run bench:quantization`: what int8 costs in accuracy, and what training for it gains.
 *
 * Eight bits hardly hurt a model this small, so the study rounds to fewer: at +-7 levels, what is done about it shows.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { quantize } from '../src/index.ts';
import { type Placement, placements } from '../src/quantization/placement.ts';
import { describeMachine, markdownTable } from './measure.ts';
import { openStudy, type Study } from './quantization/study.ts';
import { text } from './text-option.ts';

const usage = `Usage: npm run bench:quantization -- [options]

  --seeds <list>       seeds of the study on the demo's photographs (default 1,2,3; none: leave it out)
  --levels <n>         largest integer there (default 7)
  --epochs <n>         epochs of training for it, and of its control (default 2)
  --checkpoint <file>  a trained model, whose accuracy in int8 is measured
  --data <path>        its data, with a val split
  --help
`;

const { values: options } = parseArgs({
  options: {
    seeds: text('1,2,3'),
    levels: text('7'),
    epochs: text('2'),
    checkpoint: text(''),
    data: text(''),
    help: { type: 'boolean', default: false },
  },
});

const percent = (share: number | undefined): string => ((share ?? Number.NaN) * 100).toFixed(1);

interface Outcome {
  readonly seed: number;
  readonly placement: Placement;
  readonly float: number;
  /** After training, after training for it, and after the same steps in float32. */
  readonly ptq: number;
  readonly qat: number;
  readonly control: number;
}

/** Every way from one trained model to few levels. */
async function compare(study: Study, seed: number): Promise<Outcome[]> {
  const float = await study.trainFloat(seed);
  const further = await study.trainFurther(float.checkpoint, seed);
  const outcomes: Outcome[] = [];
  for (const placement of placements) {
    const ptq = await study.quantize(float.checkpoint, placement, seed);
    const qat = await study.trainQuantized(float.checkpoint, placement, seed);
    const control = await study.quantize(further.checkpoint, placement, seed);
    outcomes.push({ seed, placement, float: float.top1, ptq, qat: qat.top1, control });
    process.stderr.write(`${JSON.stringify(outcomes.at(-1))}\n`);
  }
  return outcomes;
}

async function studyDemo(folder: string, seeds: readonly number[]): Promise<void> {
  const study = await openStudy(folder, { levels: Number(options.levels), epochs: Number(options.epochs) });
  const outcomes: Outcome[] = [];
  for (const seed of seeds) outcomes.push(...(await compare(study, seed)));
  const rows = outcomes.map(({ placement, seed, float, ptq, qat, control }) => [
    ...[placement, String(seed), percent(float), percent(ptq), percent(qat), percent(control)],
    ...[percent(qat - ptq), percent(qat - control)],
  ]);
  const header = ['placement', 'seed', 'float32', 'PTQ', 'QAT', 'control', 'QAT - PTQ', 'QAT - control'];
  process.stdout.write(
    `\ndemo's photographs, nano, top-1 in % at +-${options.levels} levels, ranges of least error\n\n`,
  );
  process.stdout.write(`${markdownTable(header, rows)}\n`);
}

/** Accuracy of a model in float32 and in int8, by each way to choose ranges. */
async function measureInt8(checkpoint: string, data: string, folder: string): Promise<void> {
  const rows: string[][] = [];
  for (const placement of placements)
    for (const method of ['percentile', 'mse', 'max'] as const) {
      const out = join(folder, 'int8.safetensors');
      const { accuracy } = await quantize({ checkpoint, data, out, quantization: { placement, method } });
      const { float32, int8 } = accuracy ?? {};
      rows.push([placement, method, percent(float32?.top1), percent(int8?.top1)]);
      process.stderr.write(`${rows.at(-1)}\n`);
    }
  process.stdout.write(`\n${checkpoint} on ${data}, top-1 in % of val\n\n`);
  process.stdout.write(`${markdownTable(['placement', 'ranges', 'float32', 'int8'], rows)}\n`);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-quantization-'));
  try {
    process.stdout.write(`${describeMachine()}\n`);
    const seeds = options.seeds.split(',').filter((seed) => seed !== 'none');
    if (seeds.length > 0) await studyDemo(folder, seeds.map(Number));
    if (options.checkpoint !== '') await measureInt8(options.checkpoint, options.data, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (options.help) process.stdout.write(usage);
else await main();
