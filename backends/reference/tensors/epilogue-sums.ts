import type { Epilogue } from '../../tensor-kernels/epilogue.ts';
import type { Extent } from './lazy-values.ts';

/** Writes an epilogue's parts [parts, 2, channels], from its two terms (of `moments`: twice the output). */
export function sumEpilogue(
  { kind }: Epilogue,
  [first, second]: readonly [Float64Array, Float64Array],
  { rows, channels }: Extent,
  chunk: number,
  parts: Float64Array,
): void {
  for (let part = 0; part * chunk < rows; part++) {
    const [begin, end] = [part * chunk, Math.min(rows, (part + 1) * chunk)];
    for (let c = 0; c < channels; c++) {
      const sum = (values: Float64Array, formula: (value: number) => number): number => {
        let total = 0;
        for (let row = begin; row < end; row++) total += formula(values[row * channels + c] as number);
        return total;
      };
      const firstSum = sum(first, (value) => value);
      const mean = firstSum / (end - begin);
      parts[2 * part * channels + c] = kind === 'moments' ? mean : firstSum;
      parts[(2 * part + 1) * channels + c] =
        kind === 'moments' ? sum(first, (value) => (value - mean) ** 2) : sum(second, (value) => value);
    }
  }
}
