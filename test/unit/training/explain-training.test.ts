import { describe, expect, it } from 'vitest';
import { efficientNet, explainTraining } from '../../../src/index.ts';

describe('explainTraining', () => {
  it('says what a step takes: nodes, dispatches, bytes by kind of work, memory by purpose', async () => {
    const text = await explainTraining({ model: 'efficientnet-b0', batchSize: 256, precision: 'mixed' });
    const [model, step, plan, memory, gap, heading, ...works] = text.split('\n');
    expect(model).toBe('model      efficientnet-b0: 5,288,548 parameters, 1000 classes');
    expect(step).toBe('step       256 images of 224 x 224, precision mixed');
    expect(plan).toMatch(/^plan {7}\d+ nodes, \d{3} dispatches of \d+ kernels, \d\d\.\d\d GB moved$/);
    expect(memory).toMatch(/^memory {5}\d\.\d GiB: activations 3\.3 GiB, gradients \d\.\d GiB, /);
    expect([gap, heading]).toEqual(['', expect.stringMatching(/^work +dispatches +GB moved +share$/)]);
    for (const work of works) expect(work).toMatch(/^[\w ]+? +\d+ +\d+\.\d\d +\d+\.\d %$/);
    expect(works.map((work) => work.split('  ')[0])).toContain('depthwise gradients');
  });

  it('plans for the images and the settings that are given, and for a model as it is', async () => {
    const model = efficientNet({ variant: 'nano', classes: 7 });
    const settings = { emaDecay: 0.9 };
    const text = await explainTraining({ model, batchSize: 4, imageSize: 32, settings, device: 'gpu' });
    expect(text).toContain('efficientnet-nano');
    expect(text).toContain('7 classes\nstep       4 images of 32 x 32, precision float32\n');
    expect(text).toContain('average');
    expect(text).toContain('MB moved');
  });

  it('explains one part of a step', async () => {
    const training = { model: 'efficientnet-nano', batchSize: 4, imageSize: 32, device: 'cpu' } as const;
    const text = await explainTraining({ ...training, parts: 2 });
    expect(text).toContain('\nstep       one of 2 parts, 4 images each, of 32 x 32, precision float32');
    expect(text.replace('one of 2 parts, 4 images each,', '4 images')).toBe(await explainTraining(training));
  });

  it('explains the plan of the CPU, in calls, and by default that of the device that would compute', async () => {
    const training = { model: 'efficientnet-nano', batchSize: 4, imageSize: 32 } as const;
    const onCpu = await explainTraining({ ...training, device: 'cpu' });
    const onGpu = await explainTraining({ ...training, device: 'gpu' });
    expect(onCpu).toContain('4 images of 32 x 32, precision float32, on the CPU\n');
    expect(onCpu).toMatch(/nodes, \d+ calls of \d+ kernels/);
    expect(onCpu).toMatch(/\nwork +calls +MB moved +share\n/);
    expect(onCpu).not.toContain('dispatches');
    expect([onCpu, onGpu]).toContain(await explainTraining(training));
  });

  it('explains the plan of less memory where the best does not fit into that of the CPU', async () => {
    const memoryFor = async (batchSize: number) => {
      const text = await explainTraining({ model: 'efficientnet-b0', batchSize, device: 'cpu' });
      return Number(/memory +(\d+\.\d) GiB/.exec(text)?.[1]);
    };
    expect(await memoryFor(64)).toBeLessThan(await memoryFor(56));
  });

  it.each(['cpu', 'gpu'] as const)('explains a quantised training, on the %s', async (device) => {
    const training = { model: 'efficientnet-nano', batchSize: 4, imageSize: 32, device } as const;
    const text = await explainTraining({ ...training, placement: 'onnxruntime' });
    expect(text).toContain('4 images of 32 x 32, precision float32, quantised for onnxruntime');
    expect(text).toMatch(/^memory .* ranges /m);
    expect(await explainTraining(training)).not.toMatch(/quantised|ranges/);
  });

  it('refuses mixed precision on the CPU', async () => {
    const training = { model: 'efficientnet-b0', batchSize: 1, precision: 'mixed', device: 'cpu' } as const;
    await expect(explainTraining(training)).rejects.toMatchObject({ code: 'UNSUPPORTED_PRECISION' });
  });

  it.each([
    [{}, 'model must be a name or an object, got undefined'],
    [{ model: 'efficientnet-b0' }, 'batchSize must be an integer >= 1, got undefined'],
    [{ model: 'efficientnet-b0', batchSize: 1, precision: 'tf32' }, "of float32, mixed, got 'tf32'"],
    [{ model: 'efficientnet-b0', batchSize: 1, settings: { optimizer: 'adam' } }, "got 'adam'"],
    [{ model: 'efficientnet-b0', batchSize: 1, rows: 2 }, 'rows'],
  ])('refuses %o', async (options, message) => {
    await expect(explainTraining(options as never)).rejects.toThrow(
      expect.objectContaining({ name: 'ParameterError', message: expect.stringContaining(message) }),
    );
  });
});
