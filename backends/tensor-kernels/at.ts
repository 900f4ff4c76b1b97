/** The i-th value. References never index beyond their operands. */
export const at = (values: Float64Array, i: number): number => values[i] as number;
