import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { noise } from '../support/images.ts';

/** Decodes the image with what only this thread has loaded, posts the pixels, and goes on decoding until it is ended. */
const program = `
  const { parentPort, workerData } = require('node:worker_threads');
  const options = { dct: 'fast', orientation: 'ignore', maxPixels: 1e6 };
  const bytes = Buffer.from(workerData.webp);
  (async () => {
    const { decodeImage } = await import(workerData.module);
    for (;;) {
      let pixels;
      await decodeImage(bytes, options, ({ width, height }) => (pixels = Buffer.alloc(width * height * 3)));
      parentPort.postMessage(pixels);
    }
  })();
`;

it('decodes by sharp in several threads, each of which may be ended at any time', async () => {
  const size = { width: 200, height: 150 };
  const { data } = noise(size, 1);
  const webp = await sharp(data, { raw: { ...size, channels: 3 } })
    .webp({ lossless: true })
    .toBuffer();
  const module = new URL('../../backends/decode/decode.js', import.meta.url).href;
  for (let round = 0; round < 2; round++) {
    const workers = Array.from(
      { length: 3 },
      () => new Worker(program, { eval: true, workerData: { webp, module } }),
    );
    const decoded = await Promise.all(workers.map(firstMessage));
    for (const pixels of decoded) expect(Buffer.compare(pixels, data)).toBe(0);
    expect(await Promise.all(workers.map((worker) => worker.terminate()))).toEqual([1, 1, 1]);
  }
});

function firstMessage(worker: Worker): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
