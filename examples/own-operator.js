// An operator of your own in a pipeline: node examples/own-operator.js
import { images, pipeline, randomResizedCrop } from 'millrace';
import { tint } from './tint.js';

/** A grey image, so that the tint is easy to see. */
const grey = { image: { data: new Uint8Array(64 * 64 * 3).fill(128), width: 64, height: 64 } };

const train = pipeline(images([grey, grey, grey, grey]), {
  batchSize: 2,
  workers: 2,
  recordDraws: true,
}).pipe(randomResizedCrop(32), tint({ strength: 60 }));
for await (const { shape, drawn } of train) console.log(shape, JSON.stringify(drawn));
