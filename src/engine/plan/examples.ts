import type { KernelCall } from '../../../backends/kernels/kernel.ts';
import { MillraceError } from '../../core/errors.ts';
import type { Size } from '../../core/image.ts';
import { drawProgram, type ImageStep } from './program.ts';

/** Size of an image where none is known. */
export const NOMINAL: Size = { width: 500, height: 375 };
export const SAMPLES = 200;

/** What the steps lower to for some samples of nominal size; fewer where they fit no such image. */
export function examplePrograms(steps: readonly ImageStep[], seed: number): (readonly KernelCall[])[] {
  const programs: (readonly KernelCall[])[] = [];
  for (let sampleId = 0; sampleId < SAMPLES; sampleId++) {
    try {
      programs.push(drawProgram(steps, NOMINAL, { seed, epoch: 0, sampleId }).calls);
    } catch (error) {
      // what an operator throws is the stream's to tell of, when its turn comes
      if (!(error instanceof MillraceError)) throw error;
    }
  }
  return programs;
}
