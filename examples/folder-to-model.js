// From a folder of images to a trained model: node examples/folder-to-model.js [photos image]
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { classify, train } from 'millrace';
import { writePictures } from './pictures.js';

const folder = mkdtempSync(join(tmpdir(), 'folder-to-model-'));
const [photos = join(folder, 'photos'), image = join(photos, 'val/plum/149.png')] = process.argv.slice(2);
if (process.argv.length === 2) writePictures(photos);

const training = train({
  data: photos,
  recipe: { imageSize: 32, cropScale: [0.5, 1] },
  stream: { batchSize: 8 },
  schedule: { epochs: 4, base: 0.05 },
  workspace: join(folder, 'run'),
});
await training.forEach((event) => {
  if (event.type === 'epoch') console.log(`epoch ${event.epoch}: loss ${event.loss.toFixed(3)}`);
  if (event.type === 'evaluation') console.log(`top-1 ${(100 * event.top1).toFixed(1)} %`);
});

const { checkpoint = '' } = await training.result;
console.log(checkpoint);
for await (const { guesses } of classify({ images: [image], weights: checkpoint, guesses: 3 }))
  for (const { name, probability } of guesses) console.log(`${image}: ${name} ${probability.toFixed(3)}`);
