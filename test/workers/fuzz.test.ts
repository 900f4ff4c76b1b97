import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  autoAugment,
  type Dataset,
  imageFolder,
  mixup,
  pipeline,
  randomResizedCrop,
  store,
} from '../../src/index.ts';
import { folderOf } from '../support/folders.ts';
import { jpegSeeds, mutant } from '../support/mutants.ts';
import { millrace } from '../support/processes.ts';

// For longer runs: MILLRACE_FUZZ=1000000 MILLRACE_SEED=7 npx vitest run dist/test/workers/fuzz.test.js
const COUNT = Number(process.env['MILLRACE_FUZZ'] ?? 10_000);
const SEED = Number(process.env['MILLRACE_SEED'] ?? 1);

const program = fileURLToPath(new URL('../support/fuzz-jpegs.js', import.meta.url));
/** The first file comes after the process has started and made those that all begin with. */
const SILENCE_MS = 60_000;
const MEBIBYTE = 2 ** 20;
/** Pixels and files that wait for the garbage collector; it does not grow with the number of files. */
const MOST_GROWTH = 160 * MEBIBYTE;

interface Report {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly rssGrowth: number;
}

/** Runs the mutants in a process of their own. Throws with the index of the one at which it crashed or hung. */
async function fuzz(seed: number, first: number, count: number): Promise<Report> {
  const child = spawn(process.execPath, [program, ...[seed, first, count].map(String)]);
  const closed = once(child, 'close');
  const stop = () => child.kill('SIGKILL');
  let watchdog = setTimeout(stop, SILENCE_MS);
  let [stderr, last] = ['', ''];
  child.stderr.on('data', (text) => (stderr += text));
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    clearTimeout(watchdog);
    watchdog = setTimeout(stop, SILENCE_MS);
  }
  const [code, signal] = await closed;
  clearTimeout(watchdog);
  if (code === 0) return JSON.parse(last);
  throw new Error(`seed ${seed}, file ${last}: the process ended with ${code ?? signal}\n${stderr}`);
}

describe('mutated JPEGs', () => {
  it('are an image or an error with a code, whole and cut into intervals alike, and keep memory', async () => {
    const { outcomes, slowestMs, rssGrowth } = await fuzz(SEED, 0, COUNT);
    const growth = `memory grew by ${(rssGrowth / MEBIBYTE).toFixed(0)} MiB`;
    process.stderr.write(`${JSON.stringify(outcomes)}, slowest ${slowestMs.toFixed(0)} ms, ${growth}\n`);
    const { transcoded = 0, ...decoded } = outcomes;
    expect(Object.values(decoded).reduce((sum, count) => sum + count)).toBe(COUNT);
    const share = (count = 0) => count / COUNT;
    expect(share(decoded['image'])).toBeGreaterThan(0.1);
    expect(share(transcoded)).toBeGreaterThan(0.03);
    expect(share(decoded['TOO_MANY_PIXELS'])).toBeGreaterThan(0.03);
    expect(slowestMs).toBeLessThan(3000);
    expect(rssGrowth).toBeLessThan(MOST_GROWTH);
  }, 3_600_000);

  it('are stored as they are where runs of zeros lead out of their band', async () => {
    // with the accurate DCT, the transcoded file had other pixels
    expect((await fuzz(2, 91_792, 1)).outcomes).toEqual({ image: 1 });
  });

  it('give the same stream, with the same substitutions, from a folder and from its store', async () => {
    const seeds = await jpegSeeds();
    // every other one is whole: of 16 stand-ins for a bad one, some must be good
    const file = (i: number) => (i % 2 === 0 ? mutant(seeds, SEED, i) : (seeds[i % seeds.length] as Buffer));
    const files = Array.from({ length: 600 }, (_, i) => [`${i % 3}/${i}.jpg`, file(i)] as const);
    const folder = folderOf(Object.fromEntries(files));
    const path = join(folderOf(), 'a.lmdb');
    const { code, stderr, stdout } = await millrace(['import', folder, path, '--json', '--quiet', '-j', '2']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { kinds } = JSON.parse(stdout) as { kinds: Record<string, number> };
    expect(kinds).toEqual({ intervals: expect.any(Number), file: expect.any(Number), raw: 0 });
    expect(kinds['intervals']).toBeGreaterThan(10);
    expect(kinds['file']).toBeGreaterThan(100);
    const [expected, actual] = [await stream(imageFolder(folder)), await stream(store(path))];
    expect(actual).toEqual(expected);
    expect(expected.flatMap(({ substitutions }) => substitutions).length).toBeGreaterThan(100);
  });
});

async function stream(dataset: Dataset) {
  const options = { onError: 'substitute', maxBad: 1e6, digest: true, batchSize: 20, workers: 2 } as const;
  const batches = [];
  const augmented = pipeline(dataset, options).pipe(randomResizedCrop(16), autoAugment(), mixup(0.2));
  // libvips mixes the messages of files that are decoded at the same time
  for await (const { digest, substitutions } of augmented)
    batches.push({ digest, substitutions: substitutions.map(({ message: _, ...rest }) => rest) });
  return batches;
}
