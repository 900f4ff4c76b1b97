/** `npm run bench:trainer`: training steps on a GPU, by kind of work, and beside PyTorch and the tfjs trainer. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { defaultPython } from './gpu/default-python.ts';
import { runLimited } from './gpu/limited-process.ts';
import { text } from './text-option.ts';
import { isOfModels, type Part, partNames, runPart } from './trainer/parts.ts';
import { type TrainerWork, workNames, worksOf } from './trainer/work.ts';

const usage = `Usage: npm run bench:trainer -- [options]

Each part of each model is a process of its own, so that one that hangs costs its own time only. All take 8 minutes at most.

  --gpu-adapter <name>  place in millrace doctor's list, or a part of the name (default: the fastest)
  --parts <names>       of ${partNames.join(', ')} (default all)
  --models <names>      of ${workNames.join(', ')} (default all)
  --batch-size <n>      images per batch (default: b0 256, b4 64)
  --image-size <n>      edge of the images (default: the model's)
  --steps <n>           steps that are measured (default 20; on a software adapter 3)
  --limit <seconds>     of each process, which is ended then (default 75)
  --results <file>      where what is printed is kept too, behind what is there (default bench/data/trainer.md)
  --python <path>       Python with torch (default: $MILLRACE_PYTHON, else .venv/bin/python, else python3)
  --peer-device <name>  cuda, or cpu to try the peer's program (default cuda)
  --help
`;

const { values: options } = parseArgs({
  options: {
    'gpu-adapter': { type: 'string' },
    parts: text(partNames.join()),
    models: text(workNames.join()),
    'batch-size': { type: 'string' },
    'image-size': { type: 'string' },
    steps: { type: 'string' },
    limit: text('75'),
    results: text(join('bench', 'data', 'trainer.md')),
    python: text(defaultPython()),
    'peer-device': text('cuda'),
    // of the processes that this one starts
    'in-process': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function listOf<Name extends string>(flag: string, value: string, known: readonly Name[]): Name[] {
  const names = value.split(',') as Name[];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return known.filter((name) => names.includes(name));
  throw new Error(`--${flag} must be of ${known.join(', ')}, got ${unknown}`);
}

function countOf(flag: 'batch-size' | 'image-size' | 'steps'): number | undefined {
  const value = options[flag];
  if (value === undefined || /^[1-9]\d*$/.test(value)) return value === undefined ? undefined : Number(value);
  throw new Error(`--${flag} must be an integer >= 1, got ${value}`);
}

// before any process is started
const steps = countOf('steps');
const parts = listOf('parts', options.parts, partNames);
const works = worksOf({
  models: listOf('models', options.models, workNames),
  imageSize: countOf('image-size'),
  batchSize: countOf('batch-size'),
});

/** Runs each part as a process; returns whether all were done. */
async function runParts(): Promise<boolean> {
  mkdirSync(dirname(options.results), { recursive: true });
  const print = (output: string) => {
    process.stdout.write(output);
    appendFileSync(options.results, output);
  };
  print(`# Training steps, ${new Date().toISOString()}\n\n`);
  let areDone = true;
  for (const { part, work } of parts.flatMap(jobsOf)) {
    const chosen = ['--parts', part, ...(work ? ['--models', work.variant] : []), '--in-process'];
    const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2), ...chosen];
    const outcome = await runLimited(args, Number(options.limit), print);
    if (outcome === 'done') continue;
    areDone = false;
    const name = [part, work?.variant].filter((word) => word !== undefined).join(', ');
    print(`${name}: ${outcome === 'failed' ? 'failed' : `not done within ${options.limit} s`}\n\n`);
  }
  return areDone;
}

const jobsOf = (part: Part): { readonly part: Part; readonly work?: TrainerWork }[] =>
  isOfModels(part) ? works.map((work) => ({ part, work })) : [{ part }];

async function runHere(): Promise<void> {
  for (const { part, work } of parts.flatMap(jobsOf))
    await runPart(part, work, {
      ...{ gpuAdapter: options['gpu-adapter'], steps },
      ...{ python: options.python, peerDevice: options['peer-device'] },
    });
}

if (options.help) process.stdout.write(usage);
else if (options['in-process']) await runHere();
else if (!(await runParts())) process.exitCode = 1;
