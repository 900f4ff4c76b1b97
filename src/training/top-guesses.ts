/** A class, and how probable the model takes it to be: 0..1 over all classes. */
export interface Guess {
  readonly class: number;
  readonly name: string;
  readonly probability: number;
}

/** The most probable classes by their logits, best first; among equals the lower number comes first. */
export function topGuesses(logits: Float32Array, names: readonly string[], count = 5): Guess[] {
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  const order = [...logits.keys()].sort((a, b) => (logits[b] as number) - (logits[a] as number));
  return order.slice(0, count).map((index) => ({
    class: index,
    name: names[index] as string,
    probability: (powers[index] as number) / sum,
  }));
}
