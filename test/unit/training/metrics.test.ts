import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Bottleneck } from '../../../src/engine/run/bottleneck.ts';
import { epochMetrics, evaluationMetrics, stepMetrics } from '../../../src/training/metrics.ts';
import { EpochMeter, speedOf } from '../../../src/training/step-report.ts';
import { ConfusionCounts } from '../../../src/workspace/confusion.ts';
import { MetricsLog } from '../../../src/workspace/metrics-log.ts';
import { MetricsReader, readMetrics } from '../../../src/workspace/metrics-reader.ts';
import { folderOf } from '../../support/folders.ts';

const stepOf = (step: number, loss: number, dataSeconds: number, computeSeconds: number) => ({
  step,
  epoch: 0,
  loss,
  learningRate: 0.1,
  images: 8,
  ...speedOf(8, dataSeconds, computeSeconds),
});

describe('metrics', () => {
  it('of a step have the names of the reference', () => {
    expect(stepMetrics(stepOf(3, 2, 1, 3))).toEqual({
      step: 3,
      epoch: 0,
      'train.loss': 2,
      'train.lr': 0.1,
      'train.total_ips': 2,
      'train.compute_ips': 8 / 3,
      'train.data_time': 1,
      'train.compute_time': 3,
      'train.waiting_share': 0.25,
    });
  });

  it('of an epoch are the means of its steps, and the speed of all of them together', () => {
    const meter = new EpochMeter();
    meter.add(stepOf(0, 1, 1, 1));
    meter.add(stepOf(1, 3, 0, 2));
    const limits = {} as Bottleneck;
    const metrics = epochMetrics({ epoch: 5, limits, streamDigest: 'f00d', ...meter.lap() });
    expect(metrics).toEqual({
      epoch: 5,
      'train.loss': 2,
      'train.lr': 0.1,
      'train.total_ips': 4,
      'train.compute_ips': 16 / 3,
      'train.data_time': 0.5,
      'train.compute_time': 1.5,
      'train.waiting_share': 0.25,
      'stream.digest': 'f00d',
    });
    meter.add(stepOf(2, 7, 1, 1));
    expect(meter.lap()).toMatchObject({ loss: 7, images: 8 });
  });

  it('of an evaluation have the names of the reference, for averaged weights too', () => {
    const latencies = Array.from({ length: 101 }, (_, i) => i / 100);
    const speed = { ...speedOf(1010, 1, 50.5, 101), latencies };
    const evaluation = { top1: 0.5, top5: 0.9, loss: 1, images: 1010, confusion: undefined, speed };
    expect(evaluationMetrics(7, evaluation)).toEqual({
      epoch: 7,
      'val.top1': 0.5,
      'val.top5': 0.9,
      'val.loss': 1,
      'val.images': 1010,
      'val.total_ips': 1010 / 51.5,
      'val.compute_ips': 20,
      'val.data_time': 1 / 101,
      'val.compute_latency': 0.5,
      'val.compute_latency_at95': 0.95,
      'val.compute_latency_at99': 0.99,
      'val.compute_latency_at100': 1,
    });
    expect(evaluationMetrics(7, evaluation, 'val_ema')).toHaveProperty(['val_ema.top1'], 0.5);
  });
});

describe('a metrics file', () => {
  it('is read back, a number that JSON cannot hold as null', () => {
    const path = join(folderOf(), 'metrics.jsonl');
    const log = new MetricsLog(path);
    log.write({ step: 0, 'train.loss': Number.NaN });
    log.write({ step: 1 });
    log.close();
    expect([...readMetrics(path)]).toEqual([{ step: 0, 'train.loss': null }, { step: 1 }]);
  });

  it('may end within a line, and be gone on with', () => {
    const path = join(folderOf({ 'metrics.jsonl': '{"step":0}\n{"step":1,"train.lo' }), 'metrics.jsonl');
    expect([...readMetrics(path)]).toEqual([{ step: 0 }]);
    const log = new MetricsLog(path);
    log.write({ step: 1 });
    log.close();
    expect([...readMetrics(path)]).toEqual([{ step: 0 }, { step: 1 }]);
    expect(readFileSync(path, 'utf8')).toBe('{"step":0}\n{"step":1,"train.lo\n{"step":1}\n');
  });

  it('is read while it grows, each line once', () => {
    const path = join(folderOf({ 'metrics.jsonl': '{"step":0}\n{"st' }), 'metrics.jsonl');
    const reader = new MetricsReader(path);
    expect([...reader.read()]).toEqual([{ step: 0 }]);
    expect([...reader.read()]).toEqual([]);
    appendFileSync(path, 'ep":1}\n{"step":2}');
    expect([...reader.read()]).toEqual([{ step: 1 }, { step: 2 }]);
    appendFileSync(path, '\n{"step":3}\n');
    expect([...reader.read()]).toEqual([{ step: 3 }]);
  });

  it('may have lines longer than are read at once', () => {
    const path = join(folderOf(), 'metrics.jsonl');
    const log = new MetricsLog(path);
    const records = [1, 2, 3].map((step) => ({ step, text: 'é'.repeat(700_000) }));
    for (const record of records) log.write(record);
    log.close();
    expect([...readMetrics(path)]).toEqual(records);
  });

  it('is refused where it is missing, or holds something else', () => {
    const folder = folderOf({ 'notes.txt': '{"step":0}\nbuy milk\n{}\n' });
    expect(() => [...readMetrics(join(folder, 'none'))]).toThrow(/the metrics cannot be read: ENOENT/);
    expect(() => [...readMetrics(join(folder, 'notes.txt'))]).toThrow(/notes.txt:2: expected metrics/);
  });
});

describe('confusion counts', () => {
  it('count the pairs that occur, over batches', () => {
    const counts = new ConfusionCounts();
    counts.add(Int32Array.of(2, 0, 0), Int32Array.of(1, 0, 0));
    counts.add([0, 2], [-1, 1]);
    expect(counts.cells).toEqual([
      { label: 0, prediction: -1, images: 1 },
      { label: 0, prediction: 0, images: 2 },
      { label: 2, prediction: 1, images: 2 },
    ]);
  });
});
