import { FULL_LEVEL } from './magnitudes.ts';
import { choiceSets, type RandSet } from './rand-sets.ts';

/** What a text such as `rand-m9-mstd0.5-inc1` says, under timm's names. */
export interface RandConfig {
  /** Level of every operator. */
  readonly m: number;
  /** Operators an image. */
  readonly n: number;
  /** Probability of applying each. */
  readonly p: number;
  /** Standard deviation of the level; Infinity draws any level up to m. */
  readonly mstd: number;
  /** Highest level. */
  readonly mmax: number;
  /** 1: operators get stronger with the level. */
  readonly inc: number;
  /** What is chosen from. */
  readonly t: keyof typeof choiceSets | 'all';
}

const defaults: RandConfig = { m: 10, n: 2, p: 0.5, mstd: 0, mmax: FULL_LEVEL, inc: 0, t: 'all' };

/** What a section accepts behind its name. */
interface Section {
  readonly accepts: string;
  /** undefined: not accepted. */
  read(text: string): number | string | undefined;
}

const decimal = /^\d+(\.\d+)?$/;
/** timm's limit, beyond which a deviation draws any level. */
const LARGEST_DEVIATION = 100;

const sections: Readonly<Record<keyof RandConfig, Section>> = {
  // mstd before m: the first that a section begins with is its name
  mstd: { accepts: `a number, above ${LARGEST_DEVIATION} or 'inf' for any level`, read: readDeviation },
  mmax: integer(1, 30),
  m: integer(0, 100),
  n: integer(1, 15),
  p: {
    accepts: '0..1',
    read: (text) => (decimal.test(text) && Number(text) <= 1 ? Number(text) : undefined),
  },
  inc: integer(0, 1),
  t: {
    accepts: Object.keys(choiceSets).join(' or '),
    read: (text) => (Object.hasOwn(choiceSets, text) ? text : undefined),
  },
};

/** Reads the text of timm's rand_augment_transform; says in words what is wrong with it where it is none. */
export function readRandConfig(text: string): RandConfig | string {
  const [first, ...rest] = text.split('-');
  if (first !== 'rand') return "it begins with 'rand'";
  const read: Record<string, number | string> = {};
  for (const section of rest) {
    const key = Object.keys(sections).find((name) => section.startsWith(name)) as
      | keyof RandConfig
      | undefined;
    if (key === undefined) return `'${section}' is none of its sections ${Object.keys(defaults).join(', ')}`;
    if (Object.hasOwn(read, key)) return `'${section}' says ${key} again`;
    const value = sections[key].read(section.slice(key.length));
    if (value === undefined) return `in '${section}', ${key} must be ${sections[key].accepts}`;
    read[key] = value;
  }
  const config: RandConfig = { ...defaults, ...read };
  return tooMany(config) ?? config;
}

function tooMany({ n, t }: RandConfig): string | undefined {
  if (t === 'all') return undefined;
  const { choices, weights }: RandSet = choiceSets[t];
  if (weights === undefined || n <= choices.length) return undefined;
  return `n is at most ${choices.length}: 't${t}' has no more, and chooses none twice`;
}

function integer(low: number, high: number): Section {
  const isWithin = (value: number) => value >= low && value <= high;
  return {
    accepts: `an integer of ${low}..${high}`,
    read: (text) => (/^\d+$/.test(text) && isWithin(Number(text)) ? Number(text) : undefined),
  };
}

function readDeviation(text: string): number | undefined {
  if (text !== 'inf' && !decimal.test(text)) return undefined;
  return text === 'inf' || Number(text) > LARGEST_DEVIATION ? Number.POSITIVE_INFINITY : Number(text);
}
