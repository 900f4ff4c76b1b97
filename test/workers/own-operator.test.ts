import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  applyOperators,
  defineOperator,
  images,
  lut,
  ParameterError,
  pipeline,
  randomResizedCrop,
  type Step,
} from '../../src/index.ts';
import { documentedModule } from '../support/documented.ts';
import { patternImage, patternItems } from '../support/raw-images.ts';
import { collect, contents } from '../support/streams.ts';

// inside the package, so that the module's `import ... from 'millrace'` finds it
const folder = resolve('dist', 'test', 'own-operator');

describe("the documentation's own operator", () => {
  let tint: (options?: { strength: number }) => Step;

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'tint.js'), documentedModule('docs/your-own-operator.md', 'tint.js'));
    ({ tint } = await import(pathToFileURL(join(folder, 'tint.js')).href));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('runs on worker threads as it does on the calling thread', async () => {
    const tinted = (workers: number) =>
      pipeline(images(patternItems(12)), { batchSize: 4, workers }).pipe(
        randomResizedCrop(8),
        tint({ strength: 200 }),
      );
    const plain = pipeline(images(patternItems(12)), { batchSize: 4, workers: 0 }).pipe(randomResizedCrop(8));
    const expected = contents(await collect(tinted(0)));
    expect(contents(await collect(tinted(2)))).toEqual(expected);
    expect(contents(await collect(plain))).not.toEqual(expected);
  });

  it('may not stand in the script that runs the pipeline: the threads would run it again', async () => {
    writeFileSync(
      join(folder, 'all-in-one.mjs'),
      `${documentedModule('docs/your-own-operator.md', 'tint.js')}
       import { images, pipeline, randomResizedCrop } from 'millrace';
       const image = { data: new Uint8Array(300), width: 10, height: 10 };
       const stream = pipeline(images([{ image }]), { workers: 2 }).pipe(randomResizedCrop(8), tint());
       for await (const batch of stream) console.log(batch.labels.length);`,
    );
    await expect(import(pathToFileURL(join(folder, 'all-in-one.mjs')).href)).rejects.toMatchObject({
      message: expect.stringContaining('a module of their own'),
    });
  });

  it('must give lut three tables of 256 entries, and a list of calls', async () => {
    expect(() => lut({ tables: new Uint8Array(256) })).toThrow('lut: tables must have 768 entries');
    const broken = defineOperator({
      name: 'broken',
      module: import.meta.url,
      parameters: {},
      lower: () => lut({ tables: new Uint8Array(768) }) as never,
    });
    await expect(applyOperators(patternImage(1, 4, 4), [broken()])).rejects.toThrow(
      'broken: lower must return a list of kernel calls',
    );
  });

  it('checks its parameters as the documentation says', () => {
    expect(() => tint({ strength: 300 })).toThrow(
      new ParameterError('INVALID_PARAMETER', 'tint: strength must be 0..255 levels, got 300'),
    );
  });
});
