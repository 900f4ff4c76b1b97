import { expect, it } from 'vitest';
import { encodePng } from '../support/png-encoder.ts';
import { script } from '../support/processes.ts';

/** So small that zlib, were it called, would set itself up most of the time: ended there it ends the process. */
const png = encodePng({
  width: 2,
  height: 2,
  colourType: 2,
  bitsPerSample: 8,
  level: 6,
  streams: 1,
  rows: [Buffer.from([1, 2, 3, 4, 5, 6]), Buffer.from([7, 8, 9, 10, 11, 12])],
  filters: [0, 4],
});
const module = new URL('../../backends/decode/decode.js', import.meta.url).href;

/** Starts threads that decode for as long as they live, and waits until they do. */
const setting = `
  import { Worker } from 'node:worker_threads';
  const program = \`
    import { parentPort, workerData } from 'node:worker_threads';
    import { decodeImage } from '${module}';
    const png = Buffer.from(workerData);
    const options = { dct: 'fast', orientation: 'ignore', maxPixels: 100 };
    const target = Buffer.alloc(12);
    decodeImage(png, options, () => target);
    parentPort.postMessage(target);
    for (;;) decodeImage(png, options, () => target);\`;
  const url = new URL('data:text/javascript,' + encodeURIComponent(program));
  const start = async (workerData) => {
    const worker = new Worker(url, { workerData });
    const pixels = await new Promise((resolve) => worker.once('message', resolve));
    if (pixels.join() !== '1,2,3,4,5,6,7,8,9,10,11,12') throw new Error('wrong pixels: ' + pixels);
    return worker;
  };
  const startAll = (count) => Promise.all(Array.from({ length: count }, () => start(Buffer.from('${png.toString('base64')}', 'base64'))));
`;

it('a thread may be ended at any moment of decoding PNGs', async () => {
  const finished = await script(`${setting}
    for (let round = 0; round < 20; round++) {
      const threads = await startAll(4);
      await Promise.all(threads.map((thread) => thread.terminate()));
    }
    console.log('done');`);
  expect(finished).toMatchObject({ code: 0, stdout: 'done\n', stderr: '' });
});

it('a process may end at any moment at which its threads decode PNGs, with the code that was asked for', async () => {
  for (let round = 0; round < 5; round++) {
    const three = Array.from({ length: 3 }, () => script(`${setting}\nawait startAll(3);\nprocess.exit(7);`));
    for (const { code, stderr } of await Promise.all(three))
      expect({ code, stderr }).toEqual({ code: 7, stderr: '' });
  }
});

it('a process whose pipeline decodes PNGs may end in the middle of its loop', async () => {
  for (let round = 0; round < 2; round++) {
    const finished = await script(`
      const image = Buffer.from('${png.toString('base64')}', 'base64');
      const dataset = millrace.images(Array.from({ length: 4096 }, () => ({ image })));
      const options = { batchSize: 64, workers: 4, prefetch: 8 };
      const stream = millrace.pipeline(dataset, options).pipe(millrace.resize({ width: 1, height: 1 }));
      for await (const { index } of stream) if (index === 20) process.exit(7);`);
    expect(finished).toMatchObject({ code: 7, stderr: '' });
  }
});
