import { Window } from '../window.as';

// Which outputs' windows meet which inputs, along one side of an image. Inputs are counted from the padding's first on.

/** Taps through which such an input can meet outputs: a stride apart, from its remainder on. */
export function tapsOf(window: Window, input: usize): usize {
  return (window.kernel + window.stride - 1 - (input % window.stride)) / window.stride;
}

/** The first output whose window has an input. */
export function firstOutput(window: Window, input: usize): usize {
  const end = input / window.stride + 1;
  return end - min(end, tapsOf(window, input));
}

/** The end of the outputs, of which there are `outputs`, whose windows have an input. */
export function endOfOutputs(window: Window, input: usize, outputs: usize): usize {
  return max(firstOutput(window, input), min(input / window.stride + 1, outputs));
}

/** The first output that has a tap on an input from `input` on. */
export function firstThrough(window: Window, tap: usize, input: usize): usize {
  return (max(tap, input) - tap + window.stride - 1) / window.stride;
}
