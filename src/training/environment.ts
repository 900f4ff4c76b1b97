import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';

/** Packages whose version may change what a run computes. */
const packages = ['@julusian/jpeg-turbo', 'sharp', 'webgpu', '@tensorflow/tfjs'];

/** What a run runs on: enough to tell why another one differs. Nothing that names the machine or its user. */
export function describeEnvironment() {
  return {
    millrace: ownVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: `${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    packages: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
  };
}

export const ownVersion = (): string => versionIn(new URL('../../../package.json', import.meta.url));

/** The version that an import finds; it is not loaded. */
function versionOf(name: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const found = folders.map((folder) => versionIn(`${folder}/${name}/package.json`));
  return found.find((version) => version !== 'not installed') ?? 'not installed';
}

function versionIn(path: string | URL): string {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
  } catch {
    return 'not installed';
  }
}
