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
    const text = await explainTraining({ model, batchSize: 4, imageSize: 32, settings: { emaDecay: 0.9 } });
    expect(text).toContain('efficientnet-nano');
    expect(text).toContain('7 classes\nstep       4 images of 32 x 32, precision float32\n');
    expect(text).toContain('average');
    expect(text).toContain('MB moved');
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
