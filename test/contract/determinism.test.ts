import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Folders of what decides the stream: what is read, drawn and computed. */
const folders = ['operators', 'backends', 'src/core', 'src/engine', 'src/datasets'];

/** Not the same in every run, or not in every version of a JavaScript engine. */
const forbidden = [
  { pattern: /Math\.random|randomUUID|randomBytes|getRandomValues/, reason: 'draws by chance' },
  { pattern: /Date\.now|new Date/, reason: 'asks for the time' },
  {
    pattern: /Math\.(a?sinh?|a?cosh?|a?tanh?|atan2|exp|expm1|log|log1p|log2|log10|pow|cbrt|hypot)\b/,
    reason: 'is rounded as the engine likes: src/core/portable-math.ts is not',
  },
];

/** Files that may, since no pixel, draw or place in the order depends on them. */
const exceptions: readonly string[] = [
  // when a bad sample was met
  'src/engine/quarantine/quarantine.ts',
  // who writes a store, and whether there is room for it
  'src/datasets/store/importer-lock.ts',
  'src/datasets/store/room.ts',
  // into how many intervals a JPEG is cut: its record says so itself
  'src/datasets/store/jpeg/transcode-jpeg.ts',
];

/** What trains: no stream depends on it. */
const training = /^backends\/(tensor-kernels|(gpu|reference)\/tensors)\//;

const sources = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .filter((file) => !training.test(file) && !exceptions.includes(file)),
);

const isComment = (line: string) => /^(\/\/|\/\*|\*)/.test(line);

describe('the code that decides the stream', () => {
  it.each(forbidden)('nowhere $reason', ({ pattern }) => {
    const found = sources.flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => pattern.test(line) && !isComment(line))
        .map((line) => `${file}: ${line}`),
    );
    expect(found).toEqual([]);
  });
});

/** The document's promises: all list items but those of the last section, with the tests under each. */
const [promised = ''] = readFileSync('docs/determinism.md', 'utf8').split('## Not promised');
const promises = promised
  .split(/\n- /)
  .slice(1)
  .map((item) => {
    const tests = [...item.matchAll(/^ {2}- `(.+?)`, "(.+)"$/gm)];
    return {
      promise: item.slice(0, item.indexOf('**', 2) + 2),
      tests: tests.map(([, file = '', name = '']) => ({ file, name })),
      lines: item.split('\n').filter((line) => line.startsWith('  - ')).length,
    };
  });

describe('docs/determinism.md', () => {
  it.each(promises)('names tests that exist for $promise', ({ tests, lines }) => {
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.length).toBe(lines);
    for (const { file, name } of tests)
      expect(readFileSync(join('test', file), 'utf8'), `test/${file}`).toContain(name);
  });
});
