/** A class, and how probable the model takes it to be: 0..1 over all classes, or of itself where images may have several. */
export interface Guess {
  readonly class: number;
  readonly name: string;
  readonly probability: number;
}

/** What is known of a model's outputs. */
export interface Outputs {
  readonly names: readonly string[];
  /** Whether images may have several of the classes: a probability is the sigmoid of a logit then, else the softmax of all. */
  readonly isMultiLabel?: boolean | undefined;
}

/** The most probable classes by their logits, best first; among equals the lower number comes first. */
export function topGuesses(logits: Float32Array, { names, isMultiLabel }: Outputs, count = 5): Guess[] {
  const probabilities = isMultiLabel ? Array.from(logits, sigmoid) : softmax(logits);
  const order = [...logits.keys()].sort((a, b) => (logits[b] as number) - (logits[a] as number));
  return order.slice(0, count).map((index) => ({
    class: index,
    name: names[index] as string,
    probability: probabilities[index] as number,
  }));
}

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

function softmax(logits: Float32Array): number[] {
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
