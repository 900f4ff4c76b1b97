// Batches from a camera that is faster than its consumer: node examples/live-camera.js
import { setTimeout } from 'node:timers/promises';
import { live, pipeline, randomResizedCrop } from 'millrace';
import { interval, map, take } from 'rxjs';
import { picture } from './pictures.js';

/** Stands for a camera: 100 frames, one every 5 ms. Anything that RxJS can observe will do. */
const camera = interval(5).pipe(
  take(100),
  map((frame) => ({ image: picture(frame), key: `frame ${frame}` })),
);

// at most 8 frames wait: a new one takes the place of the oldest, so that what is seen is never old
const frames = live(camera, { overflow: 'drop-oldest', capacity: 8 });
const stream = pipeline(frames, { batchSize: 4, workers: 1, prefetch: 1 }).pipe(randomResizedCrop(32));
for await (const { keys } of stream) {
  console.log(keys.join(', '));
  await setTimeout(100); // whatever takes its time with them
}
console.log(`${stream.statistics?.images} frames in batches, ${stream.statistics?.dropped} dropped`);
