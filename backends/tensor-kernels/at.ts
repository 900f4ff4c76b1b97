/** A value that is there: references index within their operands. */
export const at = (values: Float64Array, i: number): number => values[i] as number;
