import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FinishRow } from '../../backends/backend.ts';
import { outputSize } from '../../backends/kernels/kernel.ts';
import { mirrorCall } from '../../backends/kernels/resample/calls.ts';
import { Statistic, statisticsLut } from '../../backends/kernels/statistics-lut/statistics-lut.ts';
import type { Size, TensorFormat } from '../../src/core/image.ts';
import { bytesPerElement } from '../../src/core/image.ts';
import { backends, isLeftOut } from '../support/backends.ts';
import { resultOf, runOn, withReference } from '../support/executors.ts';
import { differences, type Levels, noise } from '../support/images.ts';
import { anyBox, anyEraseBox, anySize, kernelCases } from '../support/kernels.ts';

const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const level = fc.integer({ min: 0, max: 255 });
/** All levels, or few: one colour, and what equalize and autoContrast are for. */
const levels: fc.Arbitrary<Levels> = fc.oneof(
  fc.constant<Levels>([0, 255]),
  fc.tuple(level, level).map(([a, b]): Levels => [Math.min(a, b), Math.max(a, b)]),
  level.map((v): Levels => [v, v]),
);

for (const backend of backends) {
  describe.skipIf(isLeftOut(backend))(`kernels on ${backend.name}`, () => {
    for (const { kernel, calls } of kernelCases) {
      const drawn = anySize.chain((size) =>
        fc.record({ size: fc.constant(size), seed, levels, call: calls(size) }),
      );

      it(`gives the reference's bytes for ${kernel.name}`, () =>
        withReference(backend, async (executor, reference) => {
          const property = fc.asyncProperty(drawn, async ({ size, seed, levels, call }) => {
            const image = noise(size, seed, levels);
            const expected = await resultOf(reference, image, [call]);
            const actual = await resultOf(executor, image, [call]);
            expect({ width: actual.width, height: actual.height }).toEqual(outputSize(call, size));
            expect(differences(actual.data, expected.data)).toEqual([]);
          });
          await fc.assert(property, { numRuns: 300 });
        }));
    }

    it('sends images through tables before other calls as it does at last', () =>
      withReference(backend, async (executor, reference) => {
        const tabled = anySize.chain((size) =>
          fc.record({
            size: fc.constant(size),
            seed,
            levels,
            calls: fc.array(byTables(size), { maxLength: 3 }),
          }),
        );
        const property = fc.asyncProperty(tabled, async ({ size, seed, levels, calls }) => {
          const image = noise(size, seed, levels);
          const program = [...calls, mirrorCall(size)];
          const [actual, expected] = [
            await resultOf(executor, image, program),
            await resultOf(reference, image, program),
          ];
          expect(differences(actual.data, expected.data)).toEqual([]);
        });
        await fc.assert(property, { numRuns: 100 });
      }));

    it('rounds a mean half way between two levels up', () =>
      withReference(backend, async (executor) => {
        const image = { width: 2, height: 1, data: Uint8Array.of(100, 100, 100, 101, 101, 101) };
        const grey = statisticsLut({ statistic: Statistic.contrast, factor: 0 });
        expect([...(await resultOf(executor, image, [grey])).data]).toEqual(Array(6).fill(101));
      }));

    it("gives the reference's bits for finish, in every type and layout, mixed and erased or not", () =>
      withReference(backend, async (executor, reference) => {
        const property = fc.asyncProperty(
          finished,
          seed,
          formats,
          async ({ size, row, programs }, seed, format) => {
            const rows = [row, { row: 1 }];
            const bytes = 2 * size.width * size.height * 3 * bytesPerElement(format.dtype);
            const results = [executor, reference].map(async (on) => {
              for (const row of [0, 1]) runOn(on, row, noise(size, seed + row), programs[row]);
              // an odd offset: the output may lie anywhere in its buffer
              const output = new Uint8Array(bytes + 1).subarray(1);
              await on.finish(rows, format, output);
              return output;
            });
            const [actual, expected] = await Promise.all(results);
            expect(differences(actual as Uint8Array, expected as Uint8Array)).toEqual([]);
          },
        );
        await fc.assert(property, { numRuns: 300 });
      }));
  });
}

/** A call of a kernel that only sends bytes through tables. */
const byTables = (size: Size) =>
  fc.oneof(...kernelCases.filter(({ kernel }) => kernel.isByTables).map(({ calls }) => calls(size)));

const fraction = fc.double({ min: 0, max: 1, noNaN: true });
/**
 * A size, and how a row of it is finished, its partner being row 1. Programs end in tables or in none, since backends may leave
 * such calls to finish.
 */
const finished = anySize.chain((size) => {
  const program = fc.array(byTables(size), { maxLength: 2 });
  const programs = fc.tuple(program, program);
  return fc.record({ size: fc.constant(size), row: finishedRows(size), programs });
});

/** Weight of the row itself. */
const lambdas = fc.oneof(fc.constantFrom(0, 1, 0.5), fraction);
const means = fc.oneof(fraction, fc.constantFrom(0, 0.5, 1));
/** From 1/2000, whose normalised values reach the thousands, to 4, whose sums reach subnormal halves. */
const stds = fc.oneof(fc.double({ min: 1 / 2000, max: 4, noNaN: true }), fc.constantFrom(1 / 255, 0.225, 1));
const formats: fc.Arbitrary<TensorFormat> = fc.record({
  dtype: fc.constantFrom('float16', 'float32'),
  layout: fc.constantFrom('nhwc', 'nchw'),
  mean: fc.tuple(means, means, means),
  std: fc.tuple(stds, stds, stds),
});

function finishedRows(size: Size): fc.Arbitrary<FinishRow> {
  const boxes = fc.array(anyEraseBox(size), { maxLength: 3 });
  const mix = fc.record(
    { partner: fc.constant(1), lambda: lambdas, box: anyBox(size), erase: boxes },
    { requiredKeys: ['partner', 'lambda'] },
  );
  return fc.record({ row: fc.constant(0), erase: boxes, mix, eraseAfter: boxes }, { requiredKeys: ['row'] });
}
