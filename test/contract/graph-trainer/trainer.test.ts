import { expect, it } from 'vitest';
import { efficientNet } from '../../../src/models/efficientnet.ts';
import { createTrainer } from '../../../src/trainers/graph/graph-trainer.ts';
import { adapter, useOpenGpu } from '../../support/gpu.ts';
import { describeInPrecisions, graphDevices } from '../../support/graph-devices.ts';
import { testTrainer } from '../test-trainer.ts';

const small = { width: 0.125, depth: 0.25, resolution: 16, classes: 3 } as const;
const model = efficientNet({ ...small, dropout: 0 });
const dropping = efficientNet({ ...small, dropout: 0.2, finalSurvival: 0.5 });

useOpenGpu();

for (const { name, options, isSkipped, precisions } of graphDevices)
  for (const { precision } of precisions)
    testTrainer(`graph on ${name}, ${precision}`, {
      create: () => createTrainer(options),
      ...{ model, dropping, precision, size: 16, classes: 3, isSkipped },
    });

const { name, driver, hasFloat16 } = adapter ?? {};
const gpuEnvironments = {
  float32: { adapter: name, driver, tier: 'float32', plan: '1' },
  mixed: { adapter: name, driver, tier: hasFloat16 ? 'half' : 'packed', plan: '1' },
};

describeInPrecisions('the trainer graph', (open, { options }, { precision }) => {
  it('says what it computes on', async () => {
    const { environment } = await open(model);
    const onCpu = { adapter: 'cpu', tier: 'wasm simd', plan: '1' };
    expect(environment).toEqual(options.device === 'cpu' ? onCpu : gpuEnvironments[precision]);
  });
});
