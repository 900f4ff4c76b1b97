/** Of each the sum of all up to it. */
export function runningSums(parts: Float64Array): Float64Array {
  let sum = 0;
  return parts.map((part) => {
    sum += part;
    return sum;
  });
}
