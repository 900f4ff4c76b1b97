/** `npm run bench`: images/s of our pipeline and of torchvision's, in turn, on the same files with as many workers. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { defaultImageSet, ensureImageSet } from './images.ts';
import { kernelTable } from './kernels.ts';
import { type LoaderProcess, type LoaderRun, runLoader } from './loader-process.ts';
import { describeMachine, interleave, markdownTable, type Summary, summarize } from './measure.ts';

const usage = `Usage: npm run bench -- [options]

  --python <path>         Python with torchvision (default: $MILLRACE_PYTHON, else .venv/bin/python; bench/peers/README.md)
  --workers <n>           worker threads or processes of every loader (default 2)
  --rounds <n>            times that each loader is run (default 3)
  --epochs <n>            measured epochs a run, after one for warm-up (default 2)
  --count <n>             images of the set (default ${defaultImageSet.count})
  --batch-size <n>        (default 64)
  --policy <name>         v0, imagenet or none (default v0)
  --interpolation <name>  bilinear or bicubic (default bilinear)
  --backend <name>        data backend of our pipeline (default cpu)
  --help
`;

const text = (value: string) => ({ type: 'string', default: value }) as const;
const { values: options } = parseArgs({
  options: {
    python: text(process.env['MILLRACE_PYTHON'] ?? join('.venv', 'bin', 'python')),
    workers: text('2'),
    rounds: text('3'),
    epochs: text('2'),
    count: text(String(defaultImageSet.count)),
    'batch-size': text('64'),
    policy: text('v0'),
    interpolation: text('bilinear'),
    backend: text('cpu'),
    help: { type: 'boolean', default: false },
  },
});

const ours = 'millrace';
const peers = { 'torchvision, uint8': 'uint8', 'torchvision, normalized': 'normalized' } as const;

/** Loaders to compare; peers only if Python has torchvision. */
function makeLoaders(folder: string): LoaderProcess[] {
  const { workers, epochs, policy, interpolation, 'batch-size': batchSize } = options;
  const common = Object.entries({ workers, epochs, policy, interpolation, 'batch-size': batchSize });
  const args = [folder, ...common.flatMap(([name, value]) => [`--${name}`, value])];
  const script = fileURLToPath(new URL('ours.js', import.meta.url));
  const own = {
    name: ours,
    command: process.execPath,
    args: [script, ...args, '--backend', options.backend],
  };
  if (!hasTorchvision(options.python)) return [own];
  const loader = join('bench', 'peers', 'torchvision_loader.py');
  const others = Object.entries(peers).map(([name, collate]) => ({
    name,
    command: options.python,
    args: [loader, ...args, '--collate', collate],
  }));
  return [own, ...others];
}

const hasTorchvision = (python: string): boolean =>
  spawnSync(python, ['-c', 'import torchvision'], { stdio: 'ignore' }).status === 0;

/** One row a loader: images/s and how they compare, time to first batch, what a batch is. */
function throughputTable(results: ReadonlyMap<string, readonly LoaderRun[]>): string {
  const own = imagesPerSecond(results.get(ours) ?? []);
  const rows = [ours, ...Object.keys(peers)].map((name) => {
    const runs = results.get(name);
    const first = runs?.[0];
    if (runs === undefined || first === undefined) return [name, 'not installed', '', '', '', ''];
    const speed = imagesPerSecond(runs);
    const wait = summarize(runs.map((run) => run.secondsToFirstBatch));
    const batch = `${first.dtype} ${first.shape.join('x')}`;
    const ratio = name === ours ? '' : `${(own.median / speed.median).toFixed(2)}x`;
    return [name, speed.median.toFixed(0), spread(speed), ratio, wait.median.toFixed(2), batch];
  });
  return markdownTable(['loader', 'images/s', 'min..max', 'millrace is', 's to first batch', 'batch'], rows);
}

const imagesPerSecond = (runs: readonly LoaderRun[]): Summary =>
  summarize(runs.flatMap((run) => run.imagesPerSecond));

const spread = ({ min, max }: Summary): string => `${min.toFixed(0)}..${max.toFixed(0)}`;

function checkSameWork(results: ReadonlyMap<string, readonly LoaderRun[]>): void {
  for (const [name, runs] of results) {
    const wrong = runs.find((run) => run.images !== Number(options.count));
    if (wrong) throw new Error(`${name} delivered ${wrong.images} images an epoch, not ${options.count}`);
  }
}

function describeVersions(results: ReadonlyMap<string, readonly LoaderRun[]>): string {
  const versions = Object.assign({}, ...[...results.values()].map((runs) => runs[0]?.versions ?? {}));
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}

async function main(): Promise<void> {
  const folder = await ensureImageSet({ ...defaultImageSet, count: Number(options.count) });
  const loaders = makeLoaders(folder);
  const runs = await interleave(loaders, Number(options.rounds), async (loader, round) => {
    const run = await runLoader(loader);
    const speeds = run.imagesPerSecond.map((speed) => speed.toFixed(0)).join(', ');
    process.stderr.write(`round ${round + 1}: ${loader.name}: ${speeds} images/s\n`);
    return run;
  });
  const results = new Map([...runs].map(([loader, list]) => [loader.name, list]));
  checkSameWork(results);
  const { workers, rounds, epochs, policy, interpolation } = options;
  const work = `${workers} workers, AutoAugment ${policy}, ${interpolation} crop; ${folder}`;
  const figures = `median of ${rounds} rounds x ${epochs} epochs, loaders in turn, after a warm-up epoch each`;
  process.stdout.write(`${describeMachine()}\n${describeVersions(results)}\n${work}\n${figures}\n\n`);
  process.stdout.write(`${throughputTable(results)}\n`);
  process.stdout.write(await kernelTable(folder, options.python));
}

if (options.help) process.stdout.write(usage);
else await main();
