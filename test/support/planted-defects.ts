import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Difference } from '../../src/verify/difference.ts';
import type { VariantResult } from '../../src/verify/variant-result.ts';
import { type Defect, packageCopy } from './package-copy.ts';
import { runCommand } from './processes.ts';

/** A defect in what one backend does, the steps that meet it, and what verify has to say of them. */
export interface PlantedDefect extends Defect {
  readonly name: string;
  /** What follows on a crop, in the words of a program. */
  readonly steps: string;
  readonly finding: Partial<Difference>;
}

/** Where a defect is found that all rows meet. */
export const firstRow = { epoch: 0, batch: 0, row: 0, key: 'pattern-3' };

/** What is said of a defect in a kernel that works on one image, and in what erases and mixes rows. */
export const image = (operator: string, kernel: string) => ({ stage: 'image', operator, kernel }) as const;
export const finish = (stage: 'erase' | 'mix', operator: string) => ({ stage, operator, kernel: 'finish' });

/** A step that resizes smaller one way and larger the other. */
export const resizeBy = (filter: string) => `resize({ width: 9, height: 30, interpolation: '${filter}' })`;

/** The name of a verdict on steps that meet no defect. */
export const SOUND = 'sound';

type Verdicts = Readonly<Record<string, VariantResult>>;

/**
 * What verify says of a defect's steps, by its name, where it compares this backend with cpu. The first call makes all verdicts,
 * in one copy of the package that has all the defects, since a process for each would take a second. So the steps of one must
 * not meet another.
 */
export function verdictsOn(
  defects: readonly PlantedDefect[],
  backend: 'reference' | 'gpu',
): (name: string) => Promise<VariantResult | undefined> {
  let verdicts: Promise<Verdicts> | undefined;
  return async (name) => {
    verdicts ??= makeVerdicts(defects, backend);
    return (await verdicts)[name];
  };
}

async function makeVerdicts(defects: readonly PlantedDefect[], backend: string): Promise<Verdicts> {
  const root = packageCopy(...distinct(defects));
  const path = join(root, 'verify.mjs');
  const steps = defects.map((defect) => [defect.name, defect.steps] as const);
  writeFileSync(path, programText([...steps, [SOUND, 'randomHorizontalFlip()']], backend));
  const { code, stdout, stderr } = await runCommand(process.execPath, [path], {});
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Several steps may meet one defect. */
const distinct = (defects: readonly PlantedDefect[]): PlantedDefect[] => [
  ...new Map(defects.map((defect) => [`${defect.file} ${defect.from}`, defect])).values(),
];

/** A GPU stays open: it keeps the shaders that it has compiled. */
const programText = (steps: readonly (readonly [name: string, text: string])[], backend: string): string => `
  import * as millrace from './dist/src/index.js';
  import { Gpu } from './dist/backends/gpu/device/device.js';
  const gpu = ${backend === 'gpu'} && (await Gpu.open());
  const items = Array.from({ length: 8 }, (_, i) => ({
    image: { width: 20, height: 18, data: Uint8Array.from({ length: 1080 }, (_, at) => (at * at * (i + 3)) >> 4) },
    label: 0,
    key: 'pattern-' + i,
  }));
  const options = { batchSize: 8, batches: 1, workers: 1, backends: ['${backend}'], seed: 3, only: '${backend}' };
  const verdicts = {};
  for (const [name, text] of ${JSON.stringify(steps)}) {
    const make = Function(...Object.keys(millrace), 'return [randomResizedCrop(16), ' + text + ']');
    const { results } = await millrace.verifyStream(millrace.images(items), make(...Object.values(millrace)), options);
    verdicts[name] = results.at(-1);
  }
  if (gpu) gpu.close();
  console.log(JSON.stringify(verdicts));`;
