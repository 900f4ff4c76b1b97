import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { beforeAll, describe, expect, it } from 'vitest';
import { deadLinks } from '../support/markdown-links.ts';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const isDocument = (file: string) => file.endsWith('.md');
/** A link to it would be dead where the documents are read on the web. */
const isBuilt = (file: string) => file.startsWith('dist/');

/** Places in package.json that name a file of the package. */
const named: string[] = [...Object.values<string>(manifest.bin), ...targetsOf(manifest.exports)].map((path) =>
  join(path),
);

function targetsOf(exported: string | object): string[] {
  return typeof exported === 'string' ? [exported] : Object.values(exported).flatMap(targetsOf);
}

/** Files that `npm pack` would pack of what is built now. */
function packedFiles(): string[] {
  const flags = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const [tarball] = JSON.parse(
    execFileSync('npm', flags, { encoding: 'utf8', timeout: 120_000, stdio: 'pipe' }),
  );
  return tarball.files.map(({ path }: { path: string }) => path);
}

describe('the packed package', () => {
  let packed: string[];
  beforeAll(() => {
    packed = packedFiles();
  });

  it('holds the built library, its documents and examples, and nothing else', () => {
    const allowed = [
      /^dist\/(src|operators|backends)\/.+\.(js|d\.ts|wasm)$/,
      /^docs\/.+\.(md|png)$/,
      /^examples\/.+\.(js|html|md)$/,
      /^(README|ARCHITECTURE|CHANGELOG)\.md$/,
      /^(LICENSE|package\.json)$/,
    ];
    expect(packed.filter((file) => !allowed.some((form) => form.test(file)))).toEqual([]);
  });

  it('holds every file that package.json names', () => {
    expect(named).toContain('dist/src/kernels.d.ts');
    expect(named.filter((file) => !packed.includes(file))).toEqual([]);
  });

  it('holds every module that one of its modules imports', () => {
    const modules = packed.filter((file) => file.endsWith('.js'));
    const missing = modules.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/^(?:import|export|\}).* from '(\.[^']+)';$/gm)]
        .map(([, path = '']) => join(file, '..', path))
        .filter((path) => !packed.includes(path)),
    );
    expect(missing).toEqual([]);
  });

  it('has no dead link in its documents', () => {
    const documents = packed.filter(isDocument);
    expect(documents).toContain('README.md');
    expect(deadLinks(documents, (file) => packed.includes(file) && !isBuilt(file))).toEqual([]);
  });
});

describe('the repository', () => {
  it('has no dead link in its documents', () => {
    const documents = ['.', 'docs', 'examples', 'examples/browser', 'bench/peers', 'bench/results'].flatMap(
      (folder) =>
        readdirSync(folder)
          .filter(isDocument)
          .map((name) => join(folder, name)),
    );
    expect(documents).toContain('bench/peers/README.md');
    expect(deadLinks(documents, (file) => existsSync(file) && !isBuilt(file))).toEqual([]);
  });

  it('names no host of a registry in its lock file', () => {
    expect(readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved"');
  });
});
