/** Outputs of a panel. */
const PANEL = 8;

/**
 * Where a CPU has the weight of an output and an input, of weights [outputs, inputs]: in panels of 8 outputs each, [inputs, 8], which
 * a product reads from one end to the other; of 4 where that is what is left.
 */
export function placeInPanels(output: number, input: number, outputs: number, inputs: number): number {
  const first = output - (output % PANEL);
  const width = Math.min(PANEL, outputs - first);
  return first * inputs + input * width + (output - first);
}
