import { expect, it } from 'vitest';
import { bottleneck } from '../../src/engine/bottleneck.ts';
import { LoadWatch } from '../../src/engine/load-watch.ts';
import { images, type Pipeline, pipeline, randomResizedCrop } from '../../src/index.ts';
import { patternItems } from '../support/raw-images.ts';

const crops = (workers: number): Pipeline =>
  pipeline(images(patternItems(24)), { batchSize: 4, workers, epochs: 40 }).pipe(randomResizedCrop(256));

/** What limits 40 epochs whose consumer takes so many milliseconds for a batch. */
async function limitsOf(stream: Pipeline, consumerMs: number) {
  const load = new LoadWatch(() => stream.statistics);
  let batches = 0;
  for await (const _ of stream) {
    // threads have started and the slots are full
    if (++batches === 10) load.lap();
    if (consumerMs > 0) await new Promise((resolve) => setTimeout(resolve, consumerMs));
    if (batches === 60) break;
  }
  return bottleneck(load.lap());
}

it('a consumer that takes its time is the limit, and threads are found idle', async () => {
  const { limit, threadsBusy, gainOfOneMore } = await limitsOf(crops(1), 30);
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
