// The dataset of own-dataset.js: files of CIFAR-10's binary version. Worker threads import its reader from here.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { DataError, defineDataset } from 'millrace';

const SIDE = 32;
const PLANE = SIDE * SIDE;
const RECORD = 1 + 3 * PLANE;
const classes = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

/** Images in a file such as data_batch_1.bin. */
export function cifar(path) {
  const bytes = readFileSync(path);
  const length = bytes.length / RECORD;
  if (!Number.isInteger(length))
    throw new DataError('CIFAR_SIZE', `${path}: expected records of ${RECORD} bytes`);
  const labels = Array.from({ length }, (_, index) => bytes[index * RECORD]);
  return defineDataset({
    name: `cifar(${path})`, // for messages
    length,
    classes,
    key: (index) => `${basename(path)}/${index}`, // the same on every machine, another one for every sample
    label: (index) => labels[index], // -1 if it has none
    locator: (index) => index, // what the reader is given to find the sample
    byteLength: async () => 3 * PLANE, // part of the dataset's digest
    reader: { module: import.meta.url, options: { path } },
  });
}

/** Called once on each thread, with the options above. */
export function openReader({ path }) {
  const file = openSync(path, 'r');
  const planes = Buffer.alloc(3 * PLANE);
  const data = new Uint8Array(3 * PLANE);
  return {
    read(index) {
      const count = readSync(file, planes, 0, planes.length, index * RECORD + 1);
      if (count < planes.length) throw new DataError('CIFAR_SIZE', `${path}: ends within record ${index}`);
      for (let i = 0; i < PLANE; i++)
        for (let channel = 0; channel < 3; channel++) data[3 * i + channel] = planes[channel * PLANE + i];
      return { data, width: SIDE, height: SIDE };
    },
    close: () => closeSync(file),
  };
}
