/** `npm run bench:gpu`: the gpu backend's kernels against the memory's bandwidth, its pipelines, and peers on the same GPU. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Interpolation } from '../backends/kernels/resample/calls.ts';
import { defaultPython } from './gpu/default-python.ts';
import { runLimited } from './gpu/limited-process.ts';
import { type Part, parts, runPart } from './gpu/parts.ts';
import { defaultImageSet, ensureImageSet } from './images.ts';
import { text } from './text-option.ts';

const names = Object.keys(parts) as Part[];
const usage = `Usage: npm run bench:gpu -- [options]

Each part is a process of its own, so that one that hangs costs its own time only.

  --gpu-adapter <name>      place in millrace doctor's list, or a part of the name (default: the fastest)
  --parts <names>           of ${names.join(', ')} (default all)
  --limit <seconds>         of each part, which is ended then (default 900)
  --results <file>          where what is printed is kept too, behind what is there (default bench/data/gpu.md)
  --kernel-batches <sizes>  batch sizes of the kernels' table (default 64,256)
  --batch-size <n>          of pipelines and peers (default 256)
  --runs <n>                times that each batch is run, after a tenth as many for warm-up (default 50)
  --repeats <n>             times that a run does a batch's dispatches (default 10; on a software adapter 1)
  --seconds <n>             of measuring each pipeline and each peer, after a warm-up (default 5)
  --rounds <n>              times that each pipeline is measured (default 3)
  --workers <n>             worker threads (default: as many as there are cores)
  --interpolation <name>    bilinear or bicubic (default bilinear)
  --count <n>               images of the set (default 1024)
  --python <path>           Python with torchvision (default: $MILLRACE_PYTHON, else .venv/bin/python, else python3)
  --peer-device <name>      cuda, or cpu to try the peers' program (default cuda)
  --help
`;

const { values: options } = parseArgs({
  options: {
    'gpu-adapter': { type: 'string' },
    parts: text(names.join()),
    limit: text('900'),
    results: text(join('bench', 'data', 'gpu.md')),
    'kernel-batches': text('64,256'),
    'batch-size': text('256'),
    runs: text('50'),
    repeats: { type: 'string' },
    seconds: text('5'),
    rounds: text('3'),
    workers: text(String(availableParallelism())),
    interpolation: text('bilinear'),
    count: text('1024'),
    python: text(defaultPython()),
    'peer-device': text('cuda'),
    // of the processes that this one starts
    'in-process': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const wanted = options.parts.split(',') as Part[];
const unknown = wanted.find((part) => !names.includes(part));
if (unknown !== undefined) throw new Error(`--parts must be of ${names.join(', ')}, got ${unknown}`);

const imagesFolder = () => ensureImageSet({ ...defaultImageSet, count: Number(options.count) });

/** Runs the parts, each as a process; returns whether all were done. */
async function runParts(): Promise<boolean> {
  // before anything is timed; kernels need none
  if (wanted.some((part) => part !== 'kernels')) await imagesFolder();
  mkdirSync(dirname(options.results), { recursive: true });
  const print = (output: string) => {
    process.stdout.write(output);
    appendFileSync(options.results, output);
  };
  print(`# ${new Date().toISOString()}\n\n`);
  let areDone = true;
  for (const part of wanted) {
    const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2), '--parts', part, '--in-process'];
    const outcome = await runLimited(args, Number(options.limit), print);
    if (outcome === 'done') continue;
    areDone = false;
    print(`${part}: ${outcome === 'failed' ? 'failed' : `not done within ${options.limit} s`}\n\n`);
  }
  return areDone;
}

async function runHere(part: Part): Promise<void> {
  await runPart(part, {
    gpuAdapter: options['gpu-adapter'],
    kernelBatches: options['kernel-batches'].split(',').map(Number),
    batchSize: Number(options['batch-size']),
    runs: Number(options.runs),
    repeats: options.repeats === undefined ? undefined : Number(options.repeats),
    seconds: Number(options.seconds),
    rounds: Number(options.rounds),
    workers: Number(options.workers),
    interpolation: options.interpolation as Interpolation,
    python: options.python,
    peerDevice: options['peer-device'],
    folder: part === 'kernels' ? '' : await imagesFolder(),
  });
}

if (options.help) process.stdout.write(usage);
else if (options['in-process']) await runHere(wanted[0] as Part);
else if (!(await runParts())) process.exitCode = 1;
