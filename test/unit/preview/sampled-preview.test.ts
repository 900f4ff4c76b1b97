import { expect, it } from 'vitest';
import {
  images,
  mixup,
  normalize,
  pipeline,
  randomResizedCrop,
  type Sampler,
  weighted,
} from '../../../src/index.ts';
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

const shown = {
  steps: [randomResizedCrop(8), normalize()],
  seed: 5,
  batchSize: 4,
  cell: 48,
  backend: 'cpu',
} as const;
const ownSampler = (length: number, at: (position: number, epoch: number) => number): Sampler => ({
  name: 'own',
  open: () => ({ length, at: (position, epoch) => ({ index: at(position, epoch), occurrence: position }) }),
});

it('a preview looks through a sampler’s epoch once for all samples', async () => {
  const dataset = images(patternItems(12).map((item) => ({ ...item, label: 0 })));
  const asked = [0, 0, 0];
  const sampler = ownSampler(300, (position, epoch) => {
    asked[epoch] = (asked[epoch] as number) + 1;
    // in later epochs they come last
    return epoch === 0 ? position % 12 : Math.max(0, position - 288);
  });
  const samples = await renderSamples(dataset, { ...shown, sampler, samples: 6, versions: 3 });
  expect(samples.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5]);
  // 0 to 5, and then their places; 5 comes at 293
  expect(asked).toEqual([12, 294, 294]);
});

it('a preview can be stopped while it looks for a sample that never comes', async () => {
  const dataset = images(patternItems(2).map((item) => ({ ...item, label: 0 })));
  const sampler = ownSampler(2 ** 31, () => 0);
  const stop = new AbortController();
  const rendered = renderSamples(dataset, {
    ...shown,
    sampler,
    samples: 2,
    versions: 1,
    signal: stop.signal,
  });
  setTimeout(() => stop.abort(), 20);
  await expect(rendered).rejects.toThrow('aborted');
});
