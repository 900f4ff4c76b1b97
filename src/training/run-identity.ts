/** What makes a training the one it is: with another, going on would not give what the first would have given. */
export interface RunIdentity {
  /** Settings by name: whatever has an influence on the weights. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly dataset: { readonly name: string; readonly length: number; readonly digest: string };
  readonly pipelineDigest: string;
}

/** In what two trainings differ, a line each: `augmentation: was none, is autoaugment`. */
export function differencesBetween(was: RunIdentity, is: RunIdentity): string[] {
  const lines: string[] = [];
  const compare = (name: string, before: unknown, now: unknown) => {
    const [a, b] = [describe(before), describe(now)];
    if (a !== b) lines.push(`${name}: was ${a}, is ${b}`);
  };
  for (const name of new Set([...Object.keys(was.settings), ...Object.keys(is.settings)]))
    compare(name, was.settings[name], is.settings[name]);
  // settings that differ explain another pipeline
  if (lines.length === 0) compare('pipeline digest', was.pipelineDigest, is.pipelineDigest);
  if (was.dataset.digest !== is.dataset.digest)
    compare('dataset', describeDataset(was.dataset), describeDataset(is.dataset));
  return lines;
}

/** A flag that is switched off is one that is not given. */
function describe(value: unknown): string {
  if (value === undefined || value === false) return 'not set';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const describeDataset = ({ name, length, digest }: RunIdentity['dataset']): string =>
  `${name} of ${length} images (digest ${digest.slice(0, 12)})`;
