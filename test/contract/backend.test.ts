import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KernelCall } from '../../backends/kernels/kernel.ts';
import { defineKernel, fuseCalls, outputSize } from '../../backends/kernels/kernel.ts';
import { lut, sameTables } from '../../backends/kernels/lut/lut.ts';
import { cropCall, mirrorCall, resizeCall } from '../../backends/kernels/resample/calls.ts';
import { referenceBackend } from '../../backends/reference/executor.ts';
import { BackendError } from '../../src/core/errors.ts';
import type { Size, TensorFormat } from '../../src/core/image.ts';
import { backends, isLeftOut } from '../support/backends.ts';
import { resultOf, runOn, withReference } from '../support/executors.ts';
import { differences, noise } from '../support/images.ts';
import { anySize, kernelCases } from '../support/kernels.ts';

const bytesAsThey: TensorFormat = {
  dtype: 'float32',
  layout: 'nhwc',
  mean: [0, 0, 0],
  std: [1 / 255, 1 / 255, 1 / 255],
};
const invert = lut({ tables: sameTables((v) => 255 - v) });
const small: Size = { width: 7, height: 5 };

/** Programs of up to five calls of any kernel, each fitting the size that the one before leaves. */
const programs = anySize.chain((size) => fc.tuple(fc.constant(size), callsFrom(size, 5)));

function callsFrom(size: Size, length: number): fc.Arbitrary<KernelCall[]> {
  if (length === 0) return fc.constant<KernelCall[]>([]);
  const call = fc.oneof(...kernelCases.map(({ calls }) => calls(size)));
  return fc.oneof(
    fc.constant<KernelCall[]>([]),
    call.chain((first) => callsFrom(outputSize(first, size), length - 1).map((rest) => [first, ...rest])),
  );
}

for (const backend of [referenceBackend, ...backends]) {
  describe.skipIf(isLeftOut(backend))(`the ${backend.name} backend`, () => {
    const test = (name: string, body: Parameters<typeof withReference>[1]) =>
      it(name, () => withReference(backend, body));

    test('runs programs of several calls as the reference does', async (executor, reference) => {
      const property = fc.asyncProperty(programs, fc.nat(), async ([size, program], seed) => {
        const image = noise(size, seed);
        expect(await resultOf(executor, image, program)).toEqual(await resultOf(reference, image, program));
      });
      await fc.assert(property, { numRuns: 200 });
    });

    test('gives the same bytes for a program whose calls are fused', async (executor) => {
      const property = fc.asyncProperty(programs, fc.nat(), async ([size, program], seed) => {
        const image = noise(size, seed);
        const fused = await resultOf(executor, image, fuseCalls(program));
        expect(fused).toEqual(await resultOf(executor, image, program));
      });
      await fc.assert(property, { numRuns: 100 });
    });

    test('runs the calls that it is given, and fuses none', async (executor) => {
      const fuse = () => {
        throw new Error('an executor fuses calls');
      };
      const apart = defineKernel({ name: 'lut', layout: lut.layout, fuse, reference: lut.reference });
      const call = apart(invert.args);
      const image = noise(small, 1);
      expect(await resultOf(executor, image, [call, call])).toEqual(image);
    });

    test('keeps an image as it is when the program is empty', async (executor) => {
      const image = noise(small, 1);
      expect(runOn(executor, 0, image)).toEqual(small);
      expect(await executor.read(0)).toEqual(image);
    });

    test('keeps rows apart, in whatever order they are run', async (executor) => {
      const images = [4, 0, 2, 1, 3].map((row) => ({
        row,
        image: noise({ width: 3 + row, height: 9 - row }, row),
      }));
      for (const { row, image } of images) runOn(executor, row, image, [invert]);
      for (const { row, image } of images) {
        const { data, ...size } = await executor.read(row);
        expect(size).toEqual({ width: image.width, height: image.height });
        expect(data).toEqual(image.data.map((v) => 255 - v));
      }
    });

    test('keeps rows when a much larger image comes', async (executor) => {
      const first = noise(small, 1);
      runOn(executor, 0, first, [mirrorCall(small), invert]);
      const before = await executor.read(0);
      const large = noise({ width: 1200, height: 900 }, 2);
      runOn(executor, 1, large);
      expect(await executor.read(0)).toEqual(before);
      expect(differences((await executor.read(1)).data, large.data)).toEqual([]);
      expect(executor.bytesHeld).toBeGreaterThanOrEqual(large.data.length);
    });

    test('reads copies', async (executor) => {
      runOn(executor, 0, noise(small, 1));
      const kept = await executor.read(0);
      const bytes = Uint8Array.from(kept.data);
      runOn(executor, 0, noise(small, 2));
      expect(kept.data).toEqual(bytes);
    });

    test('lends the image as a Buffer that can be sliced', async (executor) => {
      const buffer = executor.image(0, small);
      expect(Buffer.isBuffer(buffer)).toBe(true);
      expect(buffer).toHaveLength(105);
      buffer.fill(0).subarray(3, 6).fill(9);
      executor.run(0, []);
      expect((await executor.read(0)).data.subarray(0, 9)).toEqual(Uint8Array.of(0, 0, 0, 9, 9, 9, 0, 0, 0));
    });

    test('tells the size that the program leaves', async (executor) => {
      const program = [
        resizeCall(small, { width: 20, height: 30 }, 'bicubic'),
        cropCall({ width: 20, height: 30 }, { left: 1, top: 2, width: 11, height: 13 }),
      ];
      expect(runOn(executor, 0, noise(small, 1), program)).toEqual({ width: 11, height: 13 });
    });

    test('finishes rows in the order asked for, each as often as asked for', async (executor) => {
      for (const row of [0, 1])
        runOn(executor, row, { width: 1, height: 1, data: Uint8Array.of(row, 10, 20) });
      const output = new Float32Array(9);
      await executor.finish([{ row: 1 }, { row: 0 }, { row: 1 }], bytesAsThey, new Uint8Array(output.buffer));
      expect([...output]).toEqual([1, 10, 20, 0, 10, 20, 1, 10, 20]);
    });

    test('follows a change of format and of lambda', async (executor) => {
      for (const row of [0, 1])
        runOn(executor, row, { width: 1, height: 1, data: Uint8Array.of(row * 8, 0, 0) });
      const output = new Float32Array(3);
      const firstElement = async (lambda: number, format = bytesAsThey) => {
        await executor.finish(
          [{ row: 0, mix: { partner: 1, lambda } }],
          format,
          new Uint8Array(output.buffer),
        );
        return output[0];
      };
      const halved: TensorFormat = { ...bytesAsThey, std: [2 / 255, 1, 1] };
      expect([await firstElement(0.5), await firstElement(0.25), await firstElement(0.25, halved)]).toEqual([
        4, 6, 3,
      ]);
    });

    test('names a row that has not been run', async (executor) => {
      await expect(async () => executor.read(3)).rejects.toThrow(BackendError);
      await expect(async () => executor.read(3)).rejects.toThrow('row 3');
    });

    it('can be opened again after it was closed', async () => {
      for (let i = 0; i < 3; i++) {
        const executor = await backend.open();
        expect(await resultOf(executor, noise(small, i), [])).toEqual(noise(small, i));
        await executor.close();
      }
    });
  });
}

describe('the cpu backend', () => {
  it('says so when an image does not fit into its memory, and goes on', async () => {
    for (const backend of backends.filter(({ name }) => name === 'cpu')) {
      const executor = await backend.open();
      expect(() => executor.image(0, { width: 40_000, height: 40_000 })).toThrow(BackendError);
      expect(await resultOf(executor, noise(small, 1), [])).toEqual(noise(small, 1));
    }
  });

  it('names a kernel that has no WASM', async () => {
    for (const backend of backends.filter(({ name }) => name === 'cpu')) {
      const unknown = defineKernel({ name: 'not-there', layout: {}, reference: () => undefined });
      const executor = await backend.open();
      expect(() => runOn(executor, 0, noise(small, 1), [unknown({})])).toThrow('notThere');
    }
  });
});
