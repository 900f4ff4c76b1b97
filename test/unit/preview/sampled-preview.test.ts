import { expect, it } from 'vitest';
import { images, mixup, normalize, pipeline, randomResizedCrop, weighted } from '../../../src/index.ts';
import { renderSamples } from '../../../src/preview/render.ts';
import { patternItems } from '../../support/raw-images.ts';
import { collect } from '../../support/streams.ts';

it('a preview by a sampler shows the first samples of its stream, drawn and mixed as there', async () => {
  const dataset = images(patternItems(12).map((item) => ({ ...item, label: 0 })));
  const sampler = weighted([0, 9, 9, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
  const steps = [randomResizedCrop(8), normalize(), mixup(0.2)];
  const order = { seed: 5, batchSize: 4, sampler };
  const stream = pipeline(dataset, { ...order, epochs: 2, workers: 0, recordDraws: true }).pipe(...steps);
  const rows = (await collect(stream)).flatMap(({ epoch, ids, drawn, mixing, index }) =>
    Array.from(ids, (id, row) => ({ epoch, id, drawn: drawn?.[row], weight: mixing?.weights[row], index })),
  );
  const samples = await renderSamples(dataset, {
    ...{ ...order, steps, samples: 12, versions: 2, cell: 48, backend: 'cpu' },
  });
  const first = new Set(rows.filter(({ epoch }) => epoch === 0).map(({ id }) => id));
  expect(samples.map(({ id }) => id)).toEqual([...first]);
  for (const { id, versions } of samples)
    for (const { epoch, drawn, lines, mixed } of versions) {
      const row = rows.find((one) => one.epoch === epoch && one.id === id);
      if (row === undefined) {
        expect(lines[0]).toBe(`not in epoch ${epoch}`);
        continue;
      }
      expect(drawn).toEqual(row.drawn);
      expect(mixed?.mix.lambda ?? 1).toBe(row.weight);
    }
});
