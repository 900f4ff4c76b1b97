import { describe, expect, it } from 'vitest';
import { LayerClock } from '../../../../bench/step/clock.ts';
import type { StepWork } from '../../../../bench/step/contestant.ts';
import { layerOfKernel } from '../../../../bench/step/layers.ts';
import { batchOf, modelOf, openOwnSteps, trainingOptions } from '../../../../bench/step/own-steps.ts';
import { profileSteps } from '../../../../bench/step/profile.ts';

const work: StepWork = { variant: 'nano', resolution: 16, rows: 3, classes: 4 };

describe('LayerClock', () => {
  const wait = (milliseconds: number) => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
  };

  it('counts what runs inside a part for that part alone, and begins anew when it was read', () => {
    const clock = new LayerClock();
    const value = clock.time('outer', () => {
      wait(3);
      return clock.time('inner', () => 'value');
    });
    expect(value).toBe('value');
    clock.time('outer', () => wait(3));
    const taken = clock.take();
    expect([...taken.keys()]).toEqual(['outer']);
    expect(taken.get('outer')).toBeGreaterThanOrEqual(6);
    expect(clock.take().size).toBe(0);
  });

  it('goes on after a part that threw', () => {
    const clock = new LayerClock();
    const fail = () => {
      throw new Error('out of memory');
    };
    expect(() => clock.time('failed', fail)).toThrow('out of memory');
    clock.time('next', () => {});
    expect([...clock.take().keys()]).toEqual(['failed', 'next']);
  });
});

describe('layerOfKernel', () => {
  const shapes = (...given: number[][]) => ({
    inputs: Object.fromEntries(given.map((shape, i) => [['x', 'filter'][i] as string, { shape }])),
  });
  it.each([
    ['Conv2D', shapes([8, 32, 32, 3], [3, 3, 3, 32]), "stem's convolution, forward"],
    ['Conv2D', shapes([8, 16, 16, 96], [1, 1, 96, 24]), '1x1 convolution, forward'],
    ['Conv2D', shapes([8, 1, 1, 96], [1, 1, 96, 4]), 'squeeze and excite, pooling, classifier'],
    [
      'Conv2DBackpropFilter',
      { inputs: { x: { shape: [8, 4, 4, 96] } }, attrs: { filterShape: [1, 1, 96, 24] } },
      '1x1 convolution, filter gradient',
    ],
    ['DepthwiseConv2dNative', shapes([8, 4, 4, 96], [5, 5, 96, 1]), 'depthwise convolution, forward'],
    ['Multiply', shapes([8, 4, 4, 96], [8, 1, 1, 96]), 'squeeze and excite, pooling, classifier'],
    ['Add', shapes([8, 4, 4, 24], [8, 4, 4, 24]), 'additions, running statistics, loss'],
  ])('tells %s by its shapes', (name, call, layer) => {
    expect(layerOfKernel(name, call)).toBe(layer);
  });
});

describe('steps of ours', () => {
  it('take time on the wall and on the processor', async () => {
    const own = await openOwnSteps(work);
    const times = await own.run(2);
    await own.close();
    expect(times).toHaveLength(2);
    for (const { milliseconds, processorMs } of times)
      expect(Math.min(milliseconds, processorMs)).toBeGreaterThan(0);
  });

  it('are divided into layers that take no longer than the whole', async () => {
    const { step, layers, outside } = await profileSteps(modelOf(work), trainingOptions, batchOf(work), {
      warmup: 1,
      steps: 1,
    });
    const inLayers = [...layers.values()].reduce((sum, value) => sum + value, 0);
    expect(inLayers + outside).toBeCloseTo(step, 6);
    expect(outside).toBeGreaterThan(0);
    const passes = ['forward', 'input gradient', 'filter gradient'];
    expect([...layers.keys()].sort()).toEqual(
      [
        'additions, running statistics, loss',
        'batch norm, forward',
        'batch norm, gradient',
        'SiLU, forward',
        'SiLU, gradient',
        'optimizer',
        'squeeze and excite, pooling, classifier',
        "stem's convolution, forward",
        "stem's convolution, filter gradient",
        ...passes.map((pass) => `1x1 convolution, ${pass}`),
        ...passes.map((pass) => `depthwise convolution, ${pass}`),
      ].sort(),
    );
  });
});
