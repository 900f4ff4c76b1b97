/** Share of a file's statistics that may be left when a training ends. */
const MOST_LEFT = 0.05;
/** PyTorch's own momentum. */
const QUICK = 0.1;

/**
 * Says that batch norm would end a training with much of the running statistics of a file, which are those of other images;
 * undefined where it would not.
 *
 * @param momentum share of the statistics that each step replaces
 */
export function slowStatistics(momentum: number, steps: number): string | undefined {
  const left = (1 - momentum) ** steps;
  if (left <= MOST_LEFT) return undefined;
  const share = `${Math.round(100 * left)} % of batch norm's running statistics`;
  const advice = momentum < QUICK ? `a larger one replaces them sooner, such as ${QUICK}` : 'train longer';
  return `after ${steps} steps ${share} will still be those of the pretrained weights (--bn-momentum ${momentum}): evaluation may be far worse than training; ${advice}`;
}
