// A dataset of your own in a pipeline: node examples/own-dataset.js [data_batch_1.bin]
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, randomHorizontalFlip } from 'millrace';
import { cifar } from './cifar.js';

/** Writes a file in the format of CIFAR-10, where none is given: a striped image for each class. */
function writeStripes() {
  const path = join(mkdtempSync(join(tmpdir(), 'own-dataset-')), 'stripes.bin');
  const record = (label) => [label, ...Array.from({ length: 3 * 32 * 32 }, (_, i) => (i * label * 8) % 256)];
  writeFileSync(path, Buffer.from(Array.from({ length: 10 }, (_, label) => record(label)).flat()));
  return path;
}

const dataset = cifar(process.argv[2] ?? writeStripes());
const train = pipeline(dataset, { batchSize: 4, workers: 2, seed: 7 }).pipe(randomHorizontalFlip());
for await (const { shape, labels } of train)
  console.log(shape.join(' x '), Array.from(labels, (label) => dataset.classes[label]).join(', '));
