/** A product of rows and weights, [rows, k] times [k, n]: its parameters are rows, n4, k4 and chunk, its output is `out`. */
export interface RowProduct {
  /** The lazy operand whose rows are multiplied. */
  readonly rows: string;
  /** How the weights `w` lie: each row the k factors of an output channel, or the n channels that a factor goes to. */
  readonly weights: 'nk' | 'kn';
  /** Text of an output's value, by the texts of the sum, of the row and of the channel / 4. */
  value(sum: string, row: string, c: string): string;
}
