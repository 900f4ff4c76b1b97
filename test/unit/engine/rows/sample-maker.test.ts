import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { mixOf } from '../../../../src/core/mixing.ts';
import type { Dataset } from '../../../../src/datasets/dataset.ts';
import { SampleMaker } from '../../../../src/engine/rows/sample-maker.ts';
import { images, mixup, pipeline, randomHorizontalFlip, randomResizedCrop } from '../../../../src/index.ts';
import { folderOf } from '../../../support/folders.ts';
import { patternItems } from '../../../support/raw-images.ts';

async function makerOf(dataset: Dataset, steps: Parameters<typeof SampleMaker.open>[1]) {
  const maker = await SampleMaker.open(dataset, steps, { backend: 'cpu' });
  onTestFinished(() => maker.close());
  return maker;
}

it('a sample that is made by itself is, byte for byte, its row of the batch', async () => {
  const dataset = images(patternItems(4));
  const steps = [randomResizedCrop(8), randomHorizontalFlip(), mixup(0.2)] as const;
  const maker = await makerOf(dataset, steps);
  const options = { batchSize: 4, workers: 0, seed: 3 };
  for await (const batch of pipeline(dataset, options).pipe(...steps)) {
    const { buffer, byteOffset, byteLength } = await batch.read();
    const tensors = Buffer.from(buffer, byteOffset, byteLength);
    const imageOf = async (row: number) => {
      const sampleId = batch.ids[row] as number;
      const original = await maker.original(sampleId);
      const { calls, drawn } = maker.draw(original, { seed: 3, epoch: 0, sampleId });
      const image = await maker.run(original, calls);
      expect((await maker.stages(original, drawn)).at(-1)?.image).toEqual(image);
      return maker.madeRow(image, drawn);
    };
    for (const row of [0, 1, 2, 3]) {
      const tensor = await maker.finish(
        [await imageOf(row), await imageOf(row ^ 1)],
        batch.mixing && mixOf(batch.mixing, row),
      );
      const { length } = tensor;
      expect(tensors.compare(tensor, 0, length, row * length, (row + 1) * length)).toBe(0);
    }
  }
});

it("an original stays as it is when the reader's memory is used again", async () => {
  const reader = `
    const data = new Uint8Array(2 * 3);
    export const openReader = () => ({ read: (level) => ({ data: data.fill(level), width: 2, height: 1 }), close() {} });`;
  const module = join(folderOf({ 'reader.mjs': reader }), 'reader.mjs');
  const dataset = { ...images(patternItems(2)), locator: (index: number) => 10 + index, reader: { module } };
  const maker = await makerOf(dataset, []);
  const [first, second] = [await maker.original(0), await maker.original(1)];
  expect([first.data[0], second.data[0]]).toEqual([10, 11]);
});
