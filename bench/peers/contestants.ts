import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoaderProcess } from '../loader-process.ts';

/** What every loader is told to do. */
export interface Work {
  /** Folder of class folders of images. */
  readonly folder: string;
  /** Height and width of what is delivered. */
  readonly size: number;
  readonly workers: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly policy: string;
  readonly interpolation: string;
}

/** A loader that takes part, on any work. */
export interface Contestant {
  readonly name: string;
  readonly command: string;
  /** Before those that tell the work. */
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Names among the versions it reports of what it is. */
  readonly made: readonly string[];
  /** Policies it has; all when left out. */
  readonly policies?: readonly string[];
  /** Reads the folder's import in place of the folder. */
  readonly readsStore?: boolean;
  /** Python that fails where its packages are not installed; needed by peers in Python. */
  readonly probe?: string;
}

/** Interpreters of the peers, each with packages of its own (bench/peers/README.md). */
export interface Interpreters {
  readonly torchvision: string;
  readonly pillowSimd: string;
  readonly dali: string;
  readonly tensorflow: string;
}

const ownSources = ['store', 'folder'];

/** millrace itself. */
export function ownContestants(backend = 'cpu', sources: readonly string[] = ownSources): Contestant[] {
  const script = fileURLToPath(new URL('../ours.js', import.meta.url));
  return sources.map((source) => ({
    name: `millrace, ${source}`,
    command: process.execPath,
    args: [script, '--backend', backend, '--source', source],
    made: ['millrace'],
    readsStore: source === 'store',
  }));
}

/** Everyone millrace is compared with. */
export function peerContestants(python: Interpreters, workers: number): Contestant[] {
  const torchvision = { script: 'torchvision_loader.py', command: python.torchvision };
  const probe = "import importlib.util as u; assert u.find_spec('torchvision')";
  const made = ['torchvision', 'pillow'];
  return [
    pythonPeer('tf.data', {
      script: 'tf_loader.py',
      command: python.tensorflow,
      probe: "import importlib.util as u; assert u.find_spec('tensorflow')",
      made: ['tensorflow'],
      policies: ['v0', 'ta_wide', 'none'],
    }),
    pythonPeer('DALI, CPU', {
      script: 'dali_loader.py',
      command: python.dali,
      probe: "import importlib.util as u; assert u.find_spec('nvidia.dali')",
      made: ['dali'],
    }),
    pythonPeer('torchvision v2, tensors', {
      ...torchvision,
      args: ['--way', 'tensor-float32'],
      probe,
      made: ['torchvision'],
    }),
    pythonPeer('torchvision, pillow-simd', {
      ...torchvision,
      command: python.pillowSimd,
      probe: `${probe}; import PIL; assert '.post' in PIL.__version__`, // Pillow's own versions have no such part
      made,
    }),
    pythonPeer('torchvision, Pillow', { ...torchvision, probe, made }),
    pythonPeer('torchvision, Pillow, uint8', {
      ...torchvision,
      args: ['--way', 'pillow-uint8'],
      probe,
      made,
    }),
    {
      name: 'sharp',
      command: process.execPath,
      args: [fileURLToPath(new URL('sharp-loader.js', import.meta.url))],
      environment: { UV_THREADPOOL_SIZE: String(workers) },
      made: ['sharp'],
      policies: ['none'],
    },
  ];
}

type PythonPeer = Omit<Contestant, 'name' | 'args'> & { script: string; args?: readonly string[] };

const pythonPeer = (name: string, { script, args = [], ...peer }: PythonPeer): Contestant => ({
  name,
  ...peer,
  args: [join('bench', 'peers', script), ...args],
});

export const hasPolicy = ({ policies }: Contestant, policy: string): boolean =>
  policies?.includes(policy) ?? true;

export const isInstalled = ({ command, probe }: Contestant): boolean =>
  probe === undefined || spawnSync(command, ['-c', probe], { stdio: 'ignore' }).status === 0;

/** The contestant's process for this work. */
export function processFor(contestant: Contestant, { folder, ...work }: Work): LoaderProcess {
  const { name, command, args, environment = {}, readsStore = false } = contestant;
  const { batchSize, ...others } = work;
  const flags = Object.entries({ ...others, 'batch-size': batchSize });
  const given = flags.flatMap(([flag, value]) => [`--${flag}`, String(value)]);
  const path = readsStore ? ensureStore(folder) : folder;
  return { name, command, args: [...args, path, ...given], environment };
}

/** Imports the folder into `<folder>.lmdb` unless that is there. */
export function ensureStore(folder: string): string {
  const store = `${folder}.lmdb`;
  if (existsSync(store)) return store;
  const cli = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
  const { status } = spawnSync(process.execPath, [cli, 'import', folder, store], {
    stdio: ['ignore', 2, 'inherit'],
  });
  if (status !== 0) throw new Error(`millrace import of ${folder} ended with ${status}`);
  return store;
}
