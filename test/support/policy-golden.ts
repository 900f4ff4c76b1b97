import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { lowerOperations } from '../../operators/auto-augment/composite.ts';
import type { DrawnOperation, Sign } from '../../operators/auto-augment/magnitudes.ts';
import { goldenImage, sha256 } from './golden.ts';
import { openRunner } from './operator-calls.ts';

/** What test/golden/make_policy_golden.py wrote. */
interface PolicyGolden {
  readonly images: readonly number[];
  readonly trivialAugment: Digests;
  readonly randAugment: Digests;
  readonly bilinearShears: Readonly<Record<'trivialAugment' | 'randAugment', Digests>>;
  readonly subPolicies: Readonly<Record<'imagenet' | 'cifar10' | 'svhn', unknown>>;
  readonly timm: {
    readonly cases: Readonly<Record<string, readonly TimmCase[]>>;
    readonly policies: Readonly<Record<string, readonly (readonly TimmEntry[])[]>>;
    readonly configs: readonly TimmConfig[];
    readonly levels: readonly TimmLevels[];
  };
}
/** Of each operator, for each image, bin and sign. */
type Digests = Readonly<Record<string, readonly string[]>>;

interface TimmCase {
  readonly level: number;
  readonly sign: Sign;
  readonly value: number | null;
  /** Of each image. */
  readonly digests?: readonly string[];
}
type TimmEntry = readonly [name: string, probability: number, level: number];
interface TimmConfig {
  readonly text: string;
  readonly choices: readonly string[];
  readonly weights: readonly number[] | null;
  readonly layers: number;
  readonly probability: number;
  readonly magnitude: number;
  readonly deviation: number | null;
  readonly highest: number;
}

/** Of many levels drawn about a magnitude, which a deviation of null makes any up to it. */
interface TimmLevels {
  readonly magnitude: number;
  readonly deviation: number | null;
  readonly highest: number;
  readonly mean: number;
  readonly spread: number;
  /** Shares of levels at 0 and at the highest. */
  readonly ends: readonly [number, number];
}

export const policyGolden: PolicyGolden = JSON.parse(
  gunzipSync(readFileSync('test/golden/policies.json.gz')).toString('utf8'),
);

const run = await openRunner('cpu');

/** The first digits of the digest of what the operations make of a golden image. */
export async function digestAfter(index: number, operations: readonly DrawnOperation[]): Promise<string> {
  const image = goldenImage(index);
  const calls = lowerOperations({ operations }, image);
  const result = await run(image, { calls, lowered: [calls], drawn: [], erasing: {}, size: image });
  return sha256((result as typeof image).data).slice(0, 8);
}
