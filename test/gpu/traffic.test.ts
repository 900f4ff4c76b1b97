import { expect } from 'vitest';
import { noCounts } from '../../backends/gpu/counts.ts';
import { gpuTraffic } from '../../src/cli/gpu-figures.ts';
import type { Size } from '../../src/core/image.ts';
import {
  autoAugment,
  images,
  type Pipeline,
  type PipelineOptions,
  pipeline,
  randomResizedCrop,
} from '../../src/index.ts';
import { describeOnGpu, itOnGpu } from '../support/gpu.ts';
import { noise } from '../support/images.ts';

const size = { width: 320, height: 240 };
const items = Array.from({ length: 32 }, (_, i) => ({ image: noise(size, i), label: 0, key: `${i}` }));
const augmented = (options: PipelineOptions) =>
  pipeline(images(items), { backend: 'gpu', workers: 0, ...options }).pipe(
    randomResizedCrop(16, { scale: [0.1, 0.4] }),
    autoAugment(),
  );
const trafficOf = ({ statistics }: Pipeline) => gpuTraffic(noCounts(), statistics?.gpu ?? noCounts());

describeOnGpu('what goes to the device', () => {
  itOnGpu('is of each image the part that its crop reads, and its program', async () => {
    const stream = augmented({ batchSize: 8, recordDraws: true });
    let pixels = 0;
    for await (const { drawn = [] } of stream) {
      const crops = drawn.map(([crop]) => crop?.values as Size);
      for (const { width, height } of crops) pixels += width * height;
    }
    const { bytesUpPerImage } = trafficOf(stream);
    const regionBytes = (3 * pixels) / items.length;
    expect(regionBytes).toBeLessThan(size.width * size.height * 3 * 0.4);
    expect(bytesUpPerImage - regionBytes).toBeGreaterThan(0);
    expect(bytesUpPerImage - regionBytes).toBeLessThan(4096);
  });

  itOnGpu('comes back only where it is read, once', async () => {
    const stream = augmented({ batchSize: 8 });
    for await (const batch of stream) {
      if (batch.index > 0) continue;
      await batch.read();
      await batch.read();
    }
    expect(stream.statistics?.gpu?.bytesDown).toBe(8 * 16 * 16 * 3 * 2);
  });
});
