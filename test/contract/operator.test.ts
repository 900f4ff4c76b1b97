import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Parameter } from '../../operators/parameters.ts';
import { applyOperators } from '../../src/apply.ts';
import { ParameterError } from '../../src/core/errors.ts';
import { randomFor } from '../../src/core/random.ts';
import { describeStep, isStep } from '../../src/core/step.ts';
import type { ExecutorBackend } from '../../src/engine/plan/backend-name.ts';
import { loadOperator } from '../../src/engine/plan/load-operator.ts';
import { describeDraws } from '../../src/preview/captions.ts';
import { anyImage } from '../support/arbitrary.ts';
import { isWithoutGpu, itOnGpu } from '../support/gpu.ts';
import { valuesOutside } from '../support/invalid-values.ts';
import {
  backends,
  imageOperatorNames,
  imageOperatorOf,
  openRunner,
  operatorNames,
  operators,
  programOf,
  type Runner,
  stepOf,
  validOptions,
} from '../support/operator-calls.ts';

const coordinates = fc.record({ seed: fc.maxSafeNat(), epoch: fc.nat(), sampleId: fc.maxSafeNat() });
const onReference = await openRunner('reference');
const onCpu = await openRunner('cpu');
const onGpu = isWithoutGpu ? onReference : await openRunner('gpu');

describe.each(imageOperatorNames)('%s', (name) => {
  const cases = { image: anyImage(), options: validOptions(name), at: coordinates };
  const property = fc.record(cases);

  it('draws the same and gives the same pixels for the same seed, epoch and sample', async () => {
    await fc.assert(
      fc.asyncProperty(property, async ({ image, options, at }) => {
        const [first, second] = [
          programOf(stepOf(name, options), image, at),
          programOf(stepOf(name, options), image, at),
        ];
        expect(second?.drawn).toEqual(first?.drawn);
        expect(await onReference(image, second)).toEqual(await onReference(image, first));
      }),
      { numRuns: 25 },
    );
  });

  const equalsReference = (runner: Runner) =>
    fc.assert(
      fc.asyncProperty(property, async ({ image, options, at }) => {
        const program = programOf(stepOf(name, options), image, at);
        expect(await runner(image, program)).toEqual(await onReference(image, program));
      }),
      { numRuns: 60 },
    );
  it('gives the same pixels on the cpu backend as on the reference', () => equalsReference(onCpu));
  itOnGpu('gives the same pixels on the gpu backend as on the reference', () => equalsReference(onGpu));

  it('has the size that its parameters fix, else the size that its program says', async () => {
    await fc.assert(
      fc.asyncProperty(property, async ({ image, options, at }) => {
        const step = stepOf(name, options);
        const program = programOf(step, image, at);
        const result = await onReference(image, program);
        if (program === undefined || result === undefined) return;
        const fixed = imageOperatorOf(step).fixedSize?.(step[describeStep].parameters);
        const { width, height } = fixed ?? program.size;
        expect({ width: result.width, height: result.height }).toEqual({ width, height });
        expect(result.data.length).toBe(width * height * 3);
      }),
      { numRuns: 25 },
    );
  });

  it('describes what it drew in lines that a caption can hold', () => {
    fc.assert(
      fc.property(property, ({ image, options, at }) => {
        const step = stepOf(name, options);
        const drawn = programOf(step, image, at)?.drawn;
        if (drawn === undefined) return;
        const lines = describeDraws([imageOperatorOf(step)], drawn);
        expect(lines.length).toBeGreaterThan(0);
        for (const line of lines) expect(line).toMatch(/^[^?]{3,40}$/);
      }),
    );
  });

  it('gives the same pixels when what it drew is replayed from JSON', async () => {
    await fc.assert(
      fc.asyncProperty(property, async ({ image, options, at }) => {
        const step = stepOf(name, options);
        const program = programOf(step, image, at);
        if (program === undefined) return;
        const drawn = JSON.parse(JSON.stringify(program.drawn[0]?.values));
        const replayed = { ...program, calls: imageOperatorOf(step).lower(drawn, image) };
        expect(await onReference(image, replayed)).toEqual(await onReference(image, program));
      }),
      { numRuns: 25 },
    );
  });
});

it('normalize gives the same bits on every backend', async () => {
  await fc.assert(
    fc.asyncProperty(anyImage(), validOptions('normalize'), async (image, options) => {
      const steps = [stepOf('normalize', options)];
      const onBackend = (backend: ExecutorBackend) => applyOperators(image, steps, { backend });
      for (const backend of backends) expect(await onBackend(backend)).toEqual(await onBackend('reference'));
    }),
  );
});

it('normalize refuses a standard deviation of zero or less', () => {
  for (const std of [0, -0.2]) {
    expect(() => stepOf('normalize', { std: [0.2, std, 0.2] })).toThrow(
      /^normalize: std must be .*, got \[0.2, /,
    );
  }
});

it('mixup draws weights of 0..1, and 1 for alpha 0', () => {
  fc.assert(
    fc.property(validOptions('mixup'), coordinates, (options, { seed, epoch, sampleId }) => {
      const { alpha } = options as { alpha: number };
      const rng = randomFor(seed, epoch, sampleId, 0, 'batch');
      const lambda =
        operators.mixup.definition.draw({ alpha }, rng, { width: 8, height: 8 })?.lambda ?? Number.NaN;
      expect(alpha === 0 ? lambda === 1 : lambda >= 0 && lambda <= 1).toBe(true);
    }),
  );
});

it.each(operatorNames)('%s is found again by its name and module, as a worker thread does', async (name) => {
  const [options] = fc.sample(validOptions(name), 1) as [object];
  const description = structuredClone(stepOf(name, { ...options })[describeStep]);
  expect(await loadOperator(description)).toBe(operators[name].definition);
});

/** Steps among the parameters are kept as their descriptions. */
const described = (value: unknown): unknown =>
  Array.isArray(value) ? value.map((item) => (isStep(item) ? item[describeStep] : item)) : value;

const neutralNames = imageOperatorNames.filter((name) => 'neutral' in operators[name].definition);
it.each(neutralNames)('%s leaves the image unchanged at its neutral parameters', async (name) => {
  const { neutral } = operators[name].definition as { neutral: object };
  await fc.assert(
    fc.asyncProperty(anyImage(), validOptions(name), coordinates, async (image, options, at) => {
      const program = programOf(stepOf(name, { ...options, ...neutral }), image, at);
      expect(await onCpu(image, program)).toEqual(image);
    }),
    { numRuns: 25 },
  );
});

describe.each(operatorNames)('parameters of %s', (name) => {
  const { parameters } = operators[name].definition as { parameters: Record<string, Parameter> };
  const [valid] = fc.sample(validOptions(name), { numRuns: 1, seed: 1 });

  it('are accepted as its arbitrary makes them, and filled in with the defaults', () => {
    fc.assert(
      fc.property(validOptions(name), (options) => {
        const resolved = stepOf(name, options)[describeStep].parameters;
        for (const [key, { default: value }] of Object.entries(parameters)) {
          expect(resolved[key], key).toEqual(described(options[key]) ?? value);
        }
      }),
    );
  });

  it('are refused by name when their value is out of range, not a number or of another type', () => {
    for (const [key, parameter] of Object.entries(parameters)) {
      for (const value of valuesOutside(parameter)) {
        const call = () => stepOf(name, { ...valid, [key]: value });
        expect(call, `${key}: ${String(value)}`).toThrow(`${name}: ${key} must be `);
        expect(call).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER' }));
      }
    }
  });

  it('are refused by name when they are unknown or missing', () => {
    expect(() => stepOf(name, { ...valid, strenght: 1 })).toThrow(`${name}: unknown parameter 'strenght'`);
    expect(() => stepOf(name, { ...valid, constructor: 1 })).toThrow(ParameterError);
    for (const [key, parameter] of Object.entries(parameters)) {
      if (parameter.default !== undefined || 'optional' in parameter) continue;
      expect(() => stepOf(name, { ...valid, [key]: undefined })).toThrow(`${name}: ${key} must be `);
    }
  });
});
