import type { Backend, Executor } from '../../backends/backend.ts';
import type { KernelCall } from '../../backends/kernels/kernel.ts';
import { referenceBackend } from '../../backends/reference/executor.ts';
import type { RawImage } from '../../src/core/image.ts';

/** An executor of the backend and one of the reference, closed after the test. */
export async function withReference(
  backend: Backend,
  test: (executor: Executor, reference: Executor) => Promise<void>,
): Promise<void> {
  const [executor, reference] = await Promise.all([backend.open(), referenceBackend.open()]);
  try {
    await test(executor, reference);
  } finally {
    await executor.close();
    await reference.close();
  }
}

/** Fills the row's image and runs the program on it. */
export function runOn(executor: Executor, row: number, image: RawImage, program: readonly KernelCall[] = []) {
  executor.image(row, image).set(image.data);
  return executor.run(row, program);
}

/** The same, and the result read back. */
export async function resultOf(
  executor: Executor,
  image: RawImage,
  program: readonly KernelCall[],
): Promise<RawImage> {
  runOn(executor, 0, image, program);
  return executor.read(0);
}
