// A trainer of your own, in train() and in a loop of your own: node examples/own-trainer.js
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { images, pipeline, randomResizedCrop, train, trainWith } from 'millrace';
import { classes, pictures } from './pictures.js';
import { createTrainer } from './softmax-regression.js';

const [data, val] = [images(pictures(90), { classes }), images(pictures(30, 90), { classes })];

// train() does it all: epochs, evaluation, checkpoints, metrics, a report
const training = train({
  data,
  evaluation: { data: val },
  recipe: { imageSize: 16, cropScale: [0.5, 1] },
  trainer: createTrainer(),
  stream: { batchSize: 15 },
  schedule: { epochs: 5, base: 0.002 },
  workspace: mkdtempSync(join(tmpdir(), 'own-trainer-')),
});
await training.forEach((event) => {
  if (event.type === 'epoch') console.log(`train: epoch ${event.epoch}, loss ${event.loss.toFixed(3)}`);
  if (event.type === 'evaluation')
    console.log(`train: top-1 ${event.top1.toFixed(3)} of the images held out`);
});

// trainWith() is an RxJS operator: a step for each batch of a pipeline, and nothing else
const trainer = createTrainer();
await trainer.prepare({ classes: classes.length, resolution: 16 });
await pipeline(data, { batchSize: 15, epochs: 2 })
  .pipe(randomResizedCrop(16, { scale: [0.5, 1] }), trainWith(trainer, { learningRate: 0.002 }))
  .forEach(({ step, loss }) => {
    console.log(`trainWith: step ${step}, loss ${loss.toFixed(3)}`);
  });
await trainer.close();
