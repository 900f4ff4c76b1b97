import { expect, it } from 'vitest';
import type { StreamFigures } from '../../../../bench/gpu/stream-process.ts';
import { processorTable, type Stream, streamTable } from '../../../../bench/gpu/streams.ts';

/** 10 batches of 100 images in 2 seconds. */
const figures: StreamFigures = {
  batches: 10,
  images: 1000,
  load: {
    wallMs: 2000,
    workers: 4,
    cores: 8,
    busyMs: 6000,
    stages: { read: 1000, draw: 150, decode: 4000, transform: 500, finish: 100 },
    waitingMs: 1500,
    callingMs: 100,
    deviceMs: 60,
    ...{ rows: 1000, sourcePixels: 2e8 },
  },
  processorMs: 6500,
  threads: { calling: 150, workers: 5900, driver: 350, node: 100 },
};
const cells = (table: string) => table.split('\n').map((row) => row.split('|').map((cell) => cell.trim()));
const measured = new Map<Stream, readonly StreamFigures[]>([
  [{ source: 'folder', backend: 'gpu', path: '' }, [figures]],
  [{ source: 'folder', backend: 'cpu', path: '' }, [{ ...figures, threads: undefined }]],
]);

it('sets what a batch takes beside what each thread and the GPU take of it', () => {
  const [, , gpu, cpu] = cells(streamTable(measured, 20));
  const shares = ['75 %', '10 %', '3 %'];
  expect(gpu).toEqual([
    '',
    'folder',
    'gpu',
    '500',
    '500..500',
    '200.0',
    '150.0',
    '10.0',
    '20.0',
    ...shares,
    '',
  ]);
  expect(cpu?.slice(8)).toEqual(['', '75 %', '', '', '']);
});

it('divides processor time by images, and leaves out threads that the system does not tell of', () => {
  const [, , gpu, cpu] = cells(processorTable(measured));
  const stages = ['1.000', '0.150', '4.000', '0.500', '0.100', '0.250'];
  expect(gpu?.slice(3)).toEqual(['6.500', '0.150', '5.900', '0.350', '0.100', ...stages, '']);
  expect(cpu?.slice(3)).toEqual(['6.500', '', '', '', '', ...stages, '']);
});
