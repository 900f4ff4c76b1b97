import { expect, it } from 'vitest';
import { bottleneck } from '../../src/engine/run/bottleneck.ts';
import { LoadWatch } from '../../src/engine/run/load-watch.ts';
import { images, type Pipeline, pipeline, randomResizedCrop } from '../../src/index.ts';
import { patternItems } from '../support/raw-images.ts';

const crops = (workers: number): Pipeline =>
  pipeline(images(patternItems(24)), { batchSize: 4, workers, epochs: 40 }).pipe(randomResizedCrop(256));

/** What limits 50 batches, each of which the consumer takes so many times as long for as the stream without it. */
async function limitsOf(stream: Pipeline, slowness: number) {
  const load = new LoadWatch(() => stream.statistics);
  let [batches, begin, consumerMs] = [0, 0, 0];
  for await (const _ of stream) {
    if (++batches === 10) begin = performance.now(); // threads have started
    if (batches === 20) consumerMs = ((performance.now() - begin) / 10) * slowness;
    if (consumerMs > 0) await new Promise((resolve) => setTimeout(resolve, consumerMs));
    if (batches === 30) load.lap(); // the slots are full
    if (batches === 80) break;
  }
  return bottleneck(load.lap());
}

it('a consumer that takes its time is the limit, and threads are found idle', async () => {
  const { limit, threadsBusy, gainOfOneMore } = await limitsOf(crops(1), 10);
  expect({ limit, gainOfOneMore }).toEqual({ limit: 'consumer', gainOfOneMore: 0 });
  expect(threadsBusy).toBeLessThan(0.9);
});

it('the calling thread that prepares rows for a consumer that does nothing is found busy', async () => {
  const { limit, callingThreadBusy, waiting, parts } = await limitsOf(crops(0), 0);
  expect(limit).toBe('threads');
  expect(callingThreadBusy).toBeGreaterThan(0.5);
  expect(waiting).toBeGreaterThan(0.5);
  expect(parts.transform).toBeGreaterThan(0.1);
});

it('a second run of the same pipeline starts from nothing', async () => {
  const stream = crops(0);
  for await (const batch of stream) if (batch.index === 3) break;
  const load = new LoadWatch(() => stream.statistics);
  for await (const batch of stream) if (batch.index === 1) break;
  const { busyMs, wallMs } = load.lap();
  expect(busyMs).toBeGreaterThan(0);
  expect(busyMs).toBeLessThan(wallMs);
});

it('counts the pixels of whole images, however small the part that a crop takes', async () => {
  const items = Array.from({ length: 8 }, () => ({
    image: { width: 300, height: 200, data: new Uint8Array(180_000) },
  }));
  for (const workers of [0, 1]) {
    const stream = pipeline(images(items), { batchSize: 4, workers }).pipe(randomResizedCrop(8));
    const load = new LoadWatch(() => stream.statistics);
    for await (const _ of stream);
    const { rows, sourcePixels } = load.lap();
    expect({ rows, sourcePixels }).toEqual({ rows: 8, sourcePixels: 8 * 60_000 });
  }
});
