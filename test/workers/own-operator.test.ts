import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { images, ParameterError, pipeline, randomResizedCrop, type Step } from '../../src/index.ts';
import { patternItems } from '../support/raw-images.ts';
import { collect, contents } from '../support/streams.ts';

// inside the package, so that the module's `import ... from 'millrace'` finds it
const folder = resolve('dist', 'test', 'own-operator');

/** The code block of docs/your-own-operator.md that begins with this comment. */
function documentedModule(name: string): string {
  const document = readFileSync('docs/your-own-operator.md', 'utf8');
  const block = document.split('```').find((part) => part.startsWith(`js\n// ${name}\n`));
  return (block as string).slice('js\n'.length);
}

describe("the documentation's own operator", () => {
  let tint: (options?: { strength: number }) => Step;

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'tint.js'), documentedModule('tint.js'));
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

  it('checks its parameters as the documentation says', () => {
    expect(() => tint({ strength: 300 })).toThrow(
      new ParameterError('INVALID_PARAMETER', 'tint: strength must be 0..255 levels, got 300'),
    );
  });
});
