import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { reasonOf } from '../../src/core/errors.ts';
import { markdownTable } from '../measure.ts';

export interface PeerOptions {
  readonly python: string;
  /** Folder of JPEG files of one size. */
  readonly folder: string;
  /** 'cuda', or 'cpu' to try the program. */
  readonly device: string;
  readonly batchSize: number;
  readonly interpolation: string;
  readonly seconds: number;
}

/** A way to augment a batch that lies in the device's memory. */
export interface Way {
  readonly name: string;
  readonly imagesPerSecond: number;
  readonly msPerBatch: number;
}

/** What peers/torchvision_gpu.py prints, a line each. */
type Line =
  | { readonly event: 'versions'; readonly [name: string]: string }
  | { readonly event: 'device'; readonly name: string }
  | ({ readonly event: 'way' } & Way)
  | { readonly event: 'missing'; readonly name: string; readonly reason: string };

export interface PeerFigures {
  readonly versions: string;
  readonly device: string | undefined;
  readonly ways: readonly Way[];
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
}

/** Runs the peers; without Python, its packages or CUDA, says what is missing. */
export async function measurePeers(options: PeerOptions): Promise<PeerFigures> {
  const { python, folder, device, batchSize, interpolation, seconds } = options;
  const flags = Object.entries({ device, interpolation, seconds, 'batch-size': batchSize });
  const args = flags.flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(python, [join('bench', 'peers', 'torchvision_gpu.py'), folder, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (complaint += part));
  const lines: Line[] = [];
  try {
    await once(child, 'spawn'); // rejects when the command cannot be started
    const closed = once(child, 'close');
    for await (const line of createInterface({ input: child.stdout })) lines.push(JSON.parse(line) as Line);
    const [code] = await closed;
    if (code !== 0) lines.push({ event: 'missing', name: 'torchvision v2', reason: lastLine(complaint) });
  } catch (error) {
    lines.push({ event: 'missing', name: 'torchvision v2', reason: reasonOf(error) });
  }
  return collect(lines);
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

function collect(lines: readonly Line[]): PeerFigures {
  const versions = lines.find(({ event }) => event === 'versions') ?? {};
  const named = Object.entries(versions).filter(([name]) => name !== 'event');
  return {
    versions: named.map((part) => part.join(' ')).join(', '),
    device: lines.find((line) => line.event === 'device')?.name,
    ways: lines.filter((line) => line.event === 'way'),
    missing: lines.filter((line) => line.event === 'missing'),
  };
}

/** Ours first; a column for each of ours says how many times as fast it is. */
export function peerTable(ours: readonly Way[], { ways, missing }: PeerFigures): string {
  const row = ({ name, msPerBatch, imagesPerSecond }: Way) => [
    name,
    imagesPerSecond.toFixed(0),
    msPerBatch.toFixed(3),
    ...ours.map((own) => (own.name === name ? '' : `${(own.imagesPerSecond / imagesPerSecond).toFixed(1)}x`)),
  ];
  const absent = missing.map(({ name, reason }) => [name, `missing: ${reason}`, '', ...ours.map(() => '')]);
  const header = ['augmentation', 'images/s', 'ms a batch', ...ours.map(({ name }) => `${name} is`)];
  return markdownTable(header, [...[...ours, ...ways].map(row), ...absent]);
}
