import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Drawn } from '../../src/core/batch.ts';
import { describeStep } from '../../src/core/step.ts';
import {
  applyOperators,
  defineOperator,
  images,
  ParameterError,
  pipeline,
  randomResizedCrop,
  type Step,
} from '../../src/index.ts';
import { lut } from '../../src/kernels.ts';
import { renderSamples } from '../../src/preview/render.ts';
import { examplePath, importExample } from '../support/examples.ts';
import { script } from '../support/processes.ts';
import { patternImage, patternItems } from '../support/raw-images.ts';
import { collect, contents } from '../support/streams.ts';
import {
  changesDrawn,
  changesParameters,
  changesSize,
  drawsFunction,
  drawsNothing,
  drawsPromise,
  failsToMix,
  givesFalse,
  mixesBy,
  mixesNothing,
  mixesTooMuch,
} from '../support/unruly.ts';

// inside the package, so that a module's `import ... from 'millrace'` finds it
const folder = resolve('dist', 'test', 'own-operator');

describe("the documentation's own operator", () => {
  let tint: (options?: { strength: number }) => Step;

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    ({ tint } = await importExample<{ tint: typeof tint }>('tint.js'));
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

  it('is captioned in its own words', async () => {
    const [sample] = await renderSamples(images(patternItems(1)), {
      ...{
        steps: [tint({ strength: 200 })],
        seed: 0,
        batchSize: 32,
        backend: 'cpu',
        samples: 1,
        versions: 3,
        cell: 24,
      },
    });
    expect(sample?.versions.length).toBe(3);
    for (const { drawn, lines } of sample?.versions ?? []) {
      const [{ values }] = drawn as [Drawn];
      const { channel, amount } = values as { channel: number; amount: number };
      expect(lines).toEqual([`${['red', 'green', 'blue'][channel]} +${amount}`]);
    }
  });

  it('may not stand in the script that runs the pipeline: the threads would run it again', async () => {
    writeFileSync(
      join(folder, 'all-in-one.mjs'),
      `${readFileSync(examplePath('tint.js'), 'utf8')}
       import { images, pipeline, randomResizedCrop } from 'millrace';
       const image = { data: new Uint8Array(300), width: 10, height: 10 };
       const stream = pipeline(images([{ image }]), { workers: 2 }).pipe(randomResizedCrop(8), tint());
       for await (const batch of stream) console.log(batch.labels.length);`,
    );
    await expect(import(pathToFileURL(join(folder, 'all-in-one.mjs')).href)).rejects.toMatchObject({
      message: expect.stringContaining('a module of their own'),
    });
  });

  // Node 22.18 reads it
  it.skipIf('typescript' in process.features)('says what to do where its module is TypeScript', async () => {
    const path = join(folder, 'typed.ts');
    writeFileSync(path, 'export const levels: number = 3;');
    const module = pathToFileURL(path).href;
    const typed = defineOperator({ name: 'typed', module, parameters: {}, lower: () => [] });
    const dataset = images(patternItems(4));
    const streams = [
      pipeline(dataset, { workers: 1 }).pipe(typed(), randomResizedCrop(8)),
      pipeline({ ...dataset, reader: { module } }, { workers: 1 }).pipe(randomResizedCrop(8)),
    ];
    for (const stream of streams)
      await expect(collect(stream)).rejects.toMatchObject({
        name: 'ParameterError',
        code: 'TYPESCRIPT_MODULE',
        message: expect.stringContaining(`${path}: cannot be imported: Node v20`),
      });
    // in a process of its own: the test runner reads TypeScript
    const opened = await script(
      `await millrace.openTrainer(${JSON.stringify(path)}).catch(({ message }) => console.log(message));`,
    );
    expect(opened.stdout).toContain('compile it (npx tsc, or a bundler)');
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

  const plain = 'draw must return plain data (numbers, texts, lists and objects of these)';
  const frozen = "of object '#<Object>'";

  it.each([
    { unruly: drawsPromise, reason: `${plain}, got a Promise` },
    { unruly: drawsNothing, reason: `${plain}, got nothing` },
    { unruly: drawsFunction, reason: `${plain}, got a function as amount.levels` },
    {
      unruly: changesParameters,
      reason: `TypeError: Cannot assign to read only property 'levels' ${frozen}`,
    },
    { unruly: changesDrawn, reason: `TypeError: Cannot assign to read only property 'levels' ${frozen}` },
    { unruly: changesSize, reason: `TypeError: Cannot assign to read only property 'width' ${frozen}` },
    { unruly: givesFalse, reason: 'lower must return a list of kernel calls, got false as number 0 of it' },
  ])('is named where it does what none may: $unruly.definition.name', async ({ unruly, reason }) => {
    const { name } = unruly.definition;
    const isThrown = reason.startsWith('TypeError');
    for (const workers of [0, 1]) {
      const options = { batchSize: 4, workers, recordDraws: true };
      // in front of what fixes the size: on threads first
      const stream = pipeline(images(patternItems(4)), options).pipe(unruly(), randomResizedCrop(8));
      await expect(collect(stream)).rejects.toMatchObject({
        ...{ name: isThrown ? 'PluginError' : 'ParameterError', operator: name },
        message: expect.stringMatching(isThrown ? / \(sample pattern-\d\): / : /^pattern-\d: /),
      });
      await expect(collect(stream)).rejects.toThrow(`${name}: ${reason}`);
    }
  });

  const share = 'draw must return { lambda }, a number of 0..1';
  const fault = 'a fault in the code of this operator, not in the data';

  it.each([
    { step: mixesTooMuch(1.5), message: `mixesTooMuch: ${share}, got 1.5` },
    { step: mixesNothing(1), message: `mixesNothing: ${share}, got undefined` },
    { step: mixesBy({ draw: () => null as never }), message: `mixesBy: ${share}, got null` },
    {
      step: mixesBy({
        unit: () => {
          throw new RangeError('no such unit');
        },
      }),
      message: `mixesBy: RangeError: no such unit: ${fault}`,
    },
    {
      step: mixesBy({ unit: 'row' as never }),
      message: `mixesBy: TypeError: operator.unit is not a function: ${fault}`,
    },
    {
      step: failsToMix(1),
      message: `failsToMix: RangeError: no such table (batch 0 of epoch 0): ${fault}`,
    },
  ])(
    'is named where it must draw a share for each batch, and does not: $message',
    async ({ step, message }) => {
      const stream = pipeline(images(patternItems(4)), { workers: 0 }).pipe(randomResizedCrop(8), step);
      await expect(collect(stream)).rejects.toMatchObject({ message, operator: step[describeStep].name });
    },
  );

  it('keeps its parameters when the list that they were given in is used for others', () => {
    const scale: [number, number] = [0.5, 1];
    const stream = pipeline(images(patternItems(1))).pipe(randomResizedCrop(8, { scale }));
    const { digest } = stream;
    scale[0] = 0.1;
    expect(stream.digest).toBe(digest);
  });

  it('checks its parameters as the documentation says', () => {
    expect(() => tint({ strength: 300 })).toThrow(
      new ParameterError('INVALID_PARAMETER', 'tint: strength must be 0..255 levels, got 300'),
    );
  });
});
