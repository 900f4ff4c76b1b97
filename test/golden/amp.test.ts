import { describe, expect, it } from 'vitest';
import type { NamedTensor, TensorMap } from '../../src/core/trainer.ts';
import { efficientNet } from '../../src/models/efficientnet.ts';
import { parametersOf } from '../../src/models/parameters.ts';
import { createTrainer } from '../../src/trainers/tfjs/tfjs-trainer.ts';
import { type AmpGolden, ampBatch, ampGoldens, gradientErrors } from '../support/amp-golden.ts';
import { formulaTensor, formulaWeights } from '../support/formula.ts';
import { expectSummary, summarize } from '../support/tensor-summary.ts';
import { trainingSettings } from '../support/trainers.ts';

const [tiny, b0] = ampGoldens as [AmpGolden, AmpGolden];
const modelOf = ({ model, size }: AmpGolden) => efficientNet({ ...model, resolution: size, dropout: 0 });
const trainableOf = (golden: AmpGolden) => parametersOf(modelOf(golden)).filter(({ trainable }) => trainable);

function gradientsOf(golden: AmpGolden, valuesOf: (name: string, length: number) => Float32Array): TensorMap {
  const entries = trainableOf(golden).map(({ name, shape }): [string, NamedTensor] => [
    name,
    {
      shape,
      data: valuesOf(
        name,
        shape.reduce((product, n) => product * n, 1),
      ),
    },
  ]);
  return Object.fromEntries(entries);
}
const zeros = (golden: AmpGolden) => gradientsOf(golden, (_, length) => new Float32Array(length));
/** The tiny net's gradients, as the file has them. */
const exactOfTiny = () =>
  gradientsOf(tiny, (name, length) => {
    const sums = tiny.tensors.find((tensor) => tensor.name === name)?.sums;
    return sums?.slice() ?? new Float32Array(length);
  });

describe('the error of gradients', () => {
  it('is 0 for the golden gradients', () => {
    expect(gradientErrors(tiny, exactOfTiny())).toEqual({ all: 0, median: 0, worst: 0, zero: 0 });
  });

  it('is 1 for no gradient at all', () => {
    const errors = gradientErrors(tiny, zeros(tiny));
    expect(errors.all).toBeCloseTo(1, 6);
    expect(errors.median).toBeCloseTo(1, 6);
    expect(errors.worst).toBeCloseTo(1, 6);
  });

  it('is 1 within 1 % for no gradient of B0, whose sketches tell the norms', () => {
    const { all, median } = gradientErrors(b0, zeros(b0));
    expect(Math.abs(all - 1)).toBeLessThan(0.01);
    expect(Math.abs(median - 1)).toBeLessThan(0.01);
  });

  it('is that of the worst tensor where one alone is wrong', () => {
    const gradients = exactOfTiny();
    const { data } = gradients['stem.conv.weight'] as NamedTensor;
    for (const [i, value] of data.entries()) data[i] = 1.5 * value;
    const errors = gradientErrors(tiny, gradients);
    expect(errors.worst).toBeCloseTo(0.5, 6);
    expect(errors.median).toBe(0);
    expect(errors.all).toBeGreaterThan(0.1);
    expect(errors.all).toBeLessThan(0.2);
  });

  it('counts what stands where nothing should', () => {
    const gradients = exactOfTiny();
    (gradients[tiny.zero[0] as string] as NamedTensor).data.fill(1);
    const errors = gradientErrors(tiny, gradients);
    expect(errors.zero).toBeGreaterThan(0.1);
    expect(errors.worst).toBe(0);
  });

  it('is not told of gradients that lack a tensor, or have another shape', () => {
    const gradients = exactOfTiny();
    const name = 'classifier.fc.weight';
    const { data } = gradients[name] as NamedTensor;
    const wrong = { ...gradients, [name]: { shape: [data.length], data } };
    expect(() => gradientErrors(tiny, wrong)).toThrow(`gradient of ${name}: shape ${data.length}`);
    const { [name]: _, ...rest } = gradients;
    expect(() => gradientErrors(tiny, rest)).toThrow(`no gradient of ${name}`);
  });
});

describe.each(ampGoldens)("PyTorch's gradients of $name", (golden) => {
  it('are of every trainable tensor', () => {
    const names = [...golden.tensors.map(({ name }) => name), ...golden.zero];
    expect(names.sort()).toEqual(
      trainableOf(golden)
        .map(({ name }) => name)
        .sort(),
    );
  });

  it('are near to those of tfjs in float32, and noise makes them as wrong as it is', async () => {
    const { loss, gradients } = await gradientsOfTfjs(golden);
    expect(Math.abs(loss - golden.loss)).toBeLessThan(1e-5);
    const { all, worst, zero } = gradientErrors(golden, gradients);
    expect(all).toBeLessThan(5e-5);
    expect(worst).toBeLessThan(3e-4);
    expect(zero).toBeLessThan(1e-6);
    for (const { name, summary } of golden.tensors)
      expectSummary(summarize((gradients[name] as NamedTensor).data), summary, name);
    const noisy = gradientErrors(golden, withNoise(gradients, 0.02));
    expect(Math.abs(noisy.all / 0.02 - 1)).toBeLessThan(0.02);
    expect(Math.abs(noisy.median / 0.02 - 1)).toBeLessThan(0.02);
  });
});

async function gradientsOfTfjs(golden: AmpGolden): Promise<{ loss: number; gradients: TensorMap }> {
  const model = modelOf(golden);
  const trainer = createTrainer();
  try {
    const settings = { ...trainingSettings, labelSmoothing: golden.labelSmoothing };
    await trainer.prepare(model, { precision: 'float32', seed: 0, settings });
    await trainer.load({ weights: formulaWeights(model), optimizer: {} });
    const step = { learningRate: 0, apply: false, lossScale: 1, step: 0 };
    const { loss } = await trainer.trainStep(ampBatch(golden), step);
    const { gradients = {} } = await trainer.state();
    return { loss, gradients };
  } finally {
    await trainer.close();
  }
}

/** Each tensor with noise of a part of its norm. */
function withNoise(gradients: TensorMap, part: number): TensorMap {
  const entries = Object.entries(gradients).map(([name, { shape, data }]): [string, NamedTensor] => {
    const noise = formulaTensor(`noise of ${name}`, [data.length, 1]).data;
    const factor = (part * summarize(data)[0]) / summarize(noise)[0];
    return [name, { shape, data: data.map((value, i) => value + factor * (noise[i] as number)) }];
  });
  return Object.fromEntries(entries);
}
